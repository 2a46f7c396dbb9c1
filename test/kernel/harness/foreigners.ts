/** Programs that somebody else has in the kernel: on hooks where ours go too, and in a cgroup, put there by bpftool. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachPoint } from '#bpf';
import { BpfMap, BpfObject, type Link, unpinAll } from '#kernel';
import { countingObject, countsIn, readCounts } from './counting-object.ts';
import { openFunction } from './kernel-names.ts';
import { kernelObjects } from './kernel-objects.ts';

const PINS = '/sys/fs/bpf/foreigners';
const CGROUP_PINS = '/sys/fs/bpf/foreigners-cgroup';
const CGROUP = '/sys/fs/cgroup/foreigners';

const points: readonly AttachPoint[] = [
  { kind: 'lsm', hook: 'file_open' },
  { kind: 'fentry', function: openFunction },
  { kind: 'tracepoint', subsystem: 'syscalls', event: 'sys_enter_openat' },
  { kind: 'tp_btf', event: 'sched_process_exec' },
];

/** A shell in the cgroup opens a file, executes a program, and connects to where nobody is. */
const DEEDS = `echo $$ > ${CGROUP}/cgroup.procs; cat /dev/null; exec node -e "
require('node:net').connect(1, '127.0.0.1').on('error', () => process.exit(0))"`;

export class Foreigners {
  readonly #object: BpfObject;
  readonly #links: readonly Link[];

  constructor() {
    using undo = new DisposableStack();
    this.#object = undo.use(BpfObject.open(countingObject(points), { name: 'foreign' }));
    this.#object.load();
    this.#links = this.#object.programs.map((program) => undo.use(program.attach()));
    mkdirSync(PINS);
    for (const link of this.#links) link.pin(join(PINS, link.name));
    attachToCgroup();
    undo.move();
  }

  /** How often each of them ran, by what it is attached to. */
  get counts(): ReadonlyMap<string, number> {
    using map = BpfMap.openPinned(`${CGROUP_PINS}-maps/counts`);
    const counts = readCounts(this.#object);
    return new Map([
      ...points.map(({ kind }, index) => [kind, counts[index] ?? 0] as const),
      ['cgroup', countsIn(map)[0] ?? 0],
    ]);
  }

  /** Identities of what is theirs, and the names of their pins: the same for as long as nobody else touches them. */
  get whole(): unknown {
    const programs = kernelObjects('prog').filter(({ name = '' }) => /^count_\d$/.test(name));
    const { stdout } = spawnSync('bpftool', ['--json', 'cgroup', 'list', CGROUP], { encoding: 'utf8' });
    const links = this.#links.map((link) => link.info().id);
    const pins = [PINS, CGROUP_PINS].map((path) => readdirSync(path).toSorted());
    return { programs: programs.map(({ id }) => id), links, pins, cgroup: JSON.parse(stdout) };
  }

  /** Kinds of those that do not see what they should, once somebody does what concerns all of them. */
  blind(): readonly string[] {
    const before = this.counts;
    const { status, stderr } = spawnSync('sh', ['-c', DEEDS], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the deeds were not done: ${stderr}`);
    return [...this.counts].filter(([kind, count]) => count <= (before.get(kind) ?? 0)).map(([kind]) => kind);
  }

  [Symbol.dispose](): void {
    bpftool('cgroup', 'detach', CGROUP, 'connect4', 'pinned', join(CGROUP_PINS, 'count_0'));
    for (const path of [PINS, CGROUP_PINS, `${CGROUP_PINS}-maps`]) unpinAll(path);
    for (const link of this.#links) link.destroy();
    this.#object.close();
    rmdirSync(CGROUP);
  }
}

function attachToCgroup(): void {
  const directory = mkdtempSync(join(tmpdir(), 'foreigners-'));
  const object = join(directory, 'foreign.bpf.o');
  writeFileSync(object, countingObject([{ kind: 'cgroup', hook: 'connect4' }]));
  mkdirSync(CGROUP);
  bpftool('prog', 'loadall', object, CGROUP_PINS, 'pinmaps', `${CGROUP_PINS}-maps`);
  bpftool('cgroup', 'attach', CGROUP, 'connect4', 'pinned', join(CGROUP_PINS, 'count_0'), 'multi');
  rmSync(directory, { recursive: true });
}

function bpftool(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('bpftool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bpftool ${args.join(' ')}: ${stderr}`);
}
