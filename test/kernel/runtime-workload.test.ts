/** What a thread is told of its cgroup: of the nearest one that is listed, at once, however deep it is, in each hierarchy. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { runProgram } from '#kernel';
import { parsePolicies } from '#policy';
import { type WorkloadEntry, WorkloadTable } from '#sensors';
import { known } from '#std';
import { Cgroups, openRuntime } from './harness/index.ts';

const CONTEXT_BYTES = 80; // struct st_workload, kprobes/selftest/workload.bpf.c
const LEVELS = 300;
const hierarchies = ['unified', 'freezer'] as const;

/** A scope for each of these: who it selects is what the test sees. */
const selectors = {
  host: 'hostSelector: {}',
  pods: 'podSelector: {}',
  web: 'podSelector: {matchLabels: {app: web}}',
  shop: 'podSelector: {matchLabels: {app: shop}}',
} as const;
/** In different words, and at both ends. */
const bits = { host: 0, pods: 31, web: 64, shop: 511 } as const;
type Scope = keyof typeof selectors;
const names = Object.keys(selectors) as readonly Scope[];

function container(app: string): WorkloadEntry {
  const subject = { namespace: 'test', podLabels: { app }, containerName: 'main', imageRepo: 'image' };
  return { kind: 'container', subject };
}

function scopeOf(name: Scope) {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  ${selectors[name]}
  lsmhooks: [{hook: file_open}]
`;
  const selector = known(parsePolicies(text, 'policy.yaml').policies[0]?.scope, 'scope');
  return { bit: bits[name], key: name, selector };
}

for (const hierarchy of hierarchies) {
  describe(`cgroups, ${hierarchy}`, () => {
    const cgroups = new Cgroups(hierarchy);
    const runtime = openRuntime('selftest.bpf.o', {
      hierarchy,
      prepare: (object) => {
        for (const { name } of object.programs) object.setAutoload(name, name === 'st_workload');
      },
    });
    const memory = runtime.map('rf_workload_entries').mapMemory({ writable: true });
    const table = new WorkloadTable({ index: runtime.map('rf_workloads'), memory: memory.buffer });
    table.add(names.map(scopeOf));
    after(() => {
      cgroups[Symbol.dispose]();
      memory[Symbol.dispose]();
      runtime.close();
    });
    const web = cgroups.make('pods/web');
    const shop = cgroups.make('pods/shop');

    /** The scopes that select this thread, and the cgroup that it is in. */
    function told(): { readonly id: bigint | undefined; readonly scopes: string } {
      const { context } = runProgram(runtime.program('st_workload'), new Uint8Array(CONTEXT_BYTES));
      const [id, readable, ...words] = new BigUint64Array(context.buffer);
      assert.equal(readable, 1n);
      const selects = (bit: number) => ((words[Math.floor(bit / 64)] ?? 0n) >> BigInt(bit % 64)) & 1n;
      return { id, scopes: names.filter((name) => selects(bits[name]) === 1n).join(' ') };
    }

    function within(path: string): ReturnType<typeof told> {
      cgroups.move(process.pid, path);
      try {
        return told();
      } finally {
        cgroups.move(process.pid, '..');
      }
    }

    test('what is listed nowhere is the host', () => {
      assert.equal(told().scopes, 'host');
      assert.deepEqual(within('pods/web'), { id: web, scopes: 'host' });
    });

    test('each is what is listed for its cgroup, and what is above it does not matter', () => {
      table.set(web, container('web'));
      table.set(shop, container('shop'));
      assert.deepEqual(within('pods/web'), { id: web, scopes: 'pods web' });
      assert.deepEqual(within('pods/shop'), { id: shop, scopes: 'pods shop' });
      table.set(cgroups.id('pods'), { kind: 'pending', holdExec: false });
      assert.equal(within('pods/web').scopes, 'pods web');
      assert.equal(within('pods').scopes, 'pods');
      assert.equal(told().scopes, 'host');
    });

    test('a label that changes, and a cgroup that is listed no more, count with the next call', () => {
      cgroups.move(process.pid, 'pods/web');
      const seen = [];
      for (const entry of [container('shop'), container('web'), { kind: 'host' }, container('web')] as const) {
        table.set(web, entry);
        seen.push(told().scopes);
      }
      table.delete(web);
      seen.push(told().scopes);
      table.set(web, container('web'));
      seen.push(told().scopes);
      cgroups.move(process.pid, '..');
      assert.deepEqual(seen, ['pods shop', 'pods web', 'host', 'pods web', 'pods', 'pods web']);
    });

    test(`who nests ${LEVELS} levels below its container is still in it`, () => {
      const deep = join('pods/web', LEVELS);
      const id = cgroups.make(deep);
      assert.deepEqual(within(deep), { id, scopes: 'pods web' });
      const beside = join('free', LEVELS);
      cgroups.make(beside);
      assert.equal(within(beside).scopes, 'host');
    });

    test('threads of one process may be in different cgroups', {
      skip: hierarchy === 'unified' && 'a unified hierarchy has all threads of a process in one cgroup',
    }, () => {
      cgroups.move(process.pid, 'pods/shop');
      cgroups.moveThread(process.pid, 'pods/web'); // the thread that runs this has the number of the process
      assert.equal(told().scopes, 'pods web');
      cgroups.move(process.pid, '..');
    });

    test('a scope that comes later selects what is listed already, and the host', () => {
      const later = { ...scopeOf('web'), key: 'later', bit: 100 };
      table.add([later]);
      table.keep([...names.map(scopeOf), later]);
      table.keep(names.map(scopeOf));
      const other = { ...scopeOf('shop'), key: 'other', bit: bits.pods };
      table.keep(names.filter((name) => name !== 'pods').map(scopeOf));
      table.add([other]);
      assert.equal(within('pods/web').scopes, 'web');
      assert.equal(within('pods/shop').scopes, 'pods shop'); // the bit stands for another one now
      assert.equal(told().scopes, 'host');
    });
  });
}

function join(path: string, levels: number): string {
  return `${path}/${Array.from({ length: levels }, () => 'd').join('/')}`;
}
