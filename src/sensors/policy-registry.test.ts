/** The registry: each change as a whole or not at all, one at a time, and kept. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { renderDiagnostic } from '#diagnostics';
import type { Change } from './policy-change.ts';
import { PolicyRegistry } from './policy-registry.ts';
import { FakeLoaded, FakeStore, policyText } from './testing.ts';

let loaded: FakeLoaded;
let store: FakeStore;
let registry: PolicyRegistry;

beforeEach(() => {
  loaded = new FakeLoaded();
  store = new FakeStore();
  registry = new PolicyRegistry({ loaded, store, strict: false });
});

const named = (name: string) => ({ name, namespace: undefined });
const codes = ({ diagnostics }: Pick<Change, 'diagnostics'>) => diagnostics.map(({ code }) => code);
const add = (name: string, more = {}) => registry.add({ text: policyText(name), source: `${name}.yaml`, ...more });
const states = () => registry.list().map(({ name, state, mode }) => `${name} ${state} ${mode}`);

/** The registry of the next agent. */
function restarted(): PolicyRegistry {
  loaded = new FakeLoaded();
  return new PolicyRegistry({ loaded, store, strict: false });
}

test('a policy is added, told of, disabled, enabled, and deleted', async () => {
  assert.equal((await add('first')).kind, 'done');
  assert.equal((await add('second')).kind, 'done');
  assert.deepEqual(states(), ['first loaded enforce', 'second loaded enforce']);
  const [first] = registry.list();
  assert.deepEqual(first?.hooks, [
    {
      ...{ kind: 'lsm', name: 'file_open', attached: ['lsm/file_open'], effect: 'blocks' },
      ...{ racy: false, mayBeSkipped: false, cost: 'low' },
    },
  ]);
  assert.equal(first?.counts?.denied, 7);
  assert.equal(first?.memoryBytes, 4096);
  assert.equal((await registry.disable(named('first'))).kind, 'done');
  assert.deepEqual(states(), ['first disabled enforce', 'second loaded enforce']);
  assert.deepEqual([...loaded.modes.keys()], ['/second']);
  assert.equal((await registry.enable(named('first'))).kind, 'done');
  assert.deepEqual([...loaded.modes.keys()], ['/first', '/second']);
  assert.equal((await registry.remove(named('first'))).kind, 'done');
  assert.deepEqual([...loaded.modes.keys()], ['/second']);
  assert.deepEqual([...store.kept.keys()], ['/second']);
});

test('calls that the programs of a hook have not seen are told with the policies on it', async () => {
  await add('first');
  await add('second', { text: policyText('second', { hook: 'file_permission' }) });
  loaded.skipped.set('lsm/file_open', 3n);
  assert.deepEqual(
    registry.list().map(({ hooks }) => hooks.map(({ name, skipped }) => [name, skipped])),
    [[['file_open', 3]], [['file_permission', undefined]]],
  );
});

test('what the programs of a hook cost is told with the policies on it, as far as the kernel counts', async () => {
  await add('first');
  await add('second', { text: policyText('second', { hook: 'file_permission' }) });
  loaded.costs.set('lsm/file_open', { instructions: 400, runs: 3n, runNs: 270n });
  loaded.costs.set('lsm/file_permission', { instructions: 500, runs: 0n, runNs: 0n });
  assert.deepEqual(
    registry.list().map(({ hooks }) => hooks.map(({ instructions, runs, runNs }) => [instructions, runs, runNs])),
    [[[400, 3, 270]], [[500, undefined, undefined]]],
  );
});

test('a policy that the kernel has demoted is told of as it is, while it is loaded', async () => {
  await add('first');
  loaded.demoted.add('first');
  assert.deepEqual(states(), ['first loaded monitor']);
  assert.equal(registry.list()[0]?.demoted, true);
  await registry.disable(named('first'));
  assert.deepEqual([states(), registry.list()[0]?.demoted], [['first disabled enforce'], false]);
});

test('the mode changes without a load, and stays over loads and restarts', async () => {
  await add('first');
  const { installs } = loaded;
  assert.equal((await registry.setMode(named('first'), 'monitor')).kind, 'done');
  assert.deepEqual([loaded.installs, loaded.modes.get('/first')], [installs, 'monitor']);
  await add('second');
  assert.equal(loaded.modes.get('/first'), 'monitor');
  assert.deepEqual(states(), ['first loaded monitor', 'second loaded enforce']);
  const next = restarted();
  await next.start([]);
  assert.deepEqual(
    [...loaded.modes],
    [
      ['/first', 'monitor'],
      ['/second', 'enforce'],
    ],
  );
});

test('of a disabled policy the mode is kept for when it is enabled', async () => {
  await add('first', { mode: 'monitor' });
  await registry.disable(named('first'));
  assert.equal((await registry.setMode(named('first'), 'enforce')).kind, 'done');
  await registry.enable(named('first'));
  assert.equal(loaded.modes.get('/first'), 'enforce');
});

describe('what is refused leaves everything as it was', () => {
  beforeEach(async () => {
    await add('kept');
  });

  const untouched = () => {
    assert.deepEqual([...loaded.modes], [['/kept', 'enforce']]);
    assert.deepEqual(states(), ['kept loaded enforce']);
    assert.deepEqual([...store.kept.keys()], ['/kept']);
    assert.equal(store.staged, 0);
  };

  test('a name that is taken, and it says by what', async () => {
    const change = await registry.add({ text: policyText('kept'), source: 'other.yaml' });
    assert.equal(
      change.diagnostics.map(renderDiagnostic).join('\n'),
      [
        'other.yaml:4:9: error RF2501: the agent has a policy kept already; it came from kept.yaml',
        '  4 |   name: kept',
        '    |         ^^^^',
        '  hint: `ringfence policy add --replace` puts this one in its place; or give it another name',
      ].join('\n'),
    );
    untouched();
  });

  test('a file with errors: all of them are told', async () => {
    const [first, second] = ['first', 'second'].map((name) => policyText(name).replace('Equal', 'Equals'));
    const text = `${first}---\n${second}---\n${policyText('right')}`;
    const change = await registry.add({ text, source: 'new.yaml' });
    assert.deepEqual([change.kind, ...codes(change)], ['refused', 'RF1106', 'RF1106']);
    untouched();
  });

  test('what does not compile on this kernel', async () => {
    loaded.wrong.add('new');
    assert.deepEqual(codes(await add('new')), ['RF2001']);
    untouched();
  });

  test('one policy of a file that the kernel refuses, and with it the others', async () => {
    loaded.refused.add('bad');
    const text = `${policyText('good')}---\n${policyText('bad')}`;
    const change = await registry.add({ text, source: 'both.yaml' });
    assert.deepEqual([change.kind, ...codes(change)], ['refused', 'RF2201']);
    assert.equal(loaded.installs, 1, 'what goes of it was not installed either');
    untouched();
  });

  test('a policy that pushes out another one', async () => {
    const install = loaded.install.bind(loaded);
    loaded.install = (prepared, options) => {
      const isCrowded = prepared.owners.length > 1;
      if (isCrowded) loaded.refused.add('kept');
      const installed = install(prepared, options);
      loaded.refused.clear();
      return installed;
    };
    assert.equal((await add('new')).kind, 'refused');
    untouched();
  });

  test('a kernel that can not be asked', async () => {
    loaded.broken = new Error('out of memory');
    await assert.rejects(add('new'), /out of memory/);
    untouched();
  });

  for (const place of ['stage', 'commit'] as const) {
    test(`a full disk: ${place}`, async () => {
      for (const change of [
        () => add('new'),
        () => registry.remove(named('kept')),
        () => registry.disable(named('kept')),
        () => registry.setMode(named('kept'), 'monitor'),
      ]) {
        store.fails = place;
        await assert.rejects(change(), { code: 'RF3512' });
        store.staged = 0;
        untouched();
      }
    });
  }

  test('a policy that is not there', async () => {
    for (const change of [
      registry.remove(named('gone')),
      registry.enable(named('gone')),
      registry.disable(named('gone')),
      registry.setMode(named('gone'), 'monitor'),
      registry.remove({ name: 'kept', namespace: 'other' }),
    ]) {
      assert.deepEqual(codes(await change), ['RF2503']);
    }
    untouched();
  });
});

test('a change that can not be undone leaves no lie: what the kernel no longer takes is told as refused', async () => {
  await add('first');
  store.fails = 'commit';
  const install = loaded.install.bind(loaded);
  loaded.install = (prepared, options) => {
    const installed = install(prepared, options);
    loaded.refused.add('first');
    return installed;
  };
  await assert.rejects(add('second'), { code: 'RF3512' });
  const [first] = registry.list();
  assert.deepEqual([first?.state, ...codes(first ?? { diagnostics: [] })], ['refused', 'RF2201']);
  loaded.install = install;
  loaded.refused.clear();
  assert.equal((await registry.enable(named('first'))).kind, 'done');
  assert.deepEqual(states(), ['first loaded enforce']);
});

test('a policy is replaced only where that is asked for, and stays as it was asked to be', async () => {
  await add('first');
  await registry.setMode(named('first'), 'monitor');
  const text = policyText('first', { hook: 'file_permission' });
  assert.deepEqual(codes(await registry.add({ text, source: 'new.yaml' })), ['RF2501']);
  const change = await registry.add({ text, source: 'new.yaml', replace: true });
  assert.deepEqual([change.kind, change.policies[0]?.hooks[0]?.name], ['done', 'file_permission']);
  assert.deepEqual(states(), ['first loaded monitor']);
});

test('of warnings, those of the change are told, and not again those of the others', async () => {
  const text = (name: string) => policyText(name, { hook: 'path_truncate' });
  const first = await registry.add({ text: text('first'), source: 'first.yaml' });
  assert.deepEqual([first.kind, ...codes(first)], ['done', 'RF2401']);
  assert.deepEqual(codes(await add('second')), []);
});

test('strictly, what another thread can get around is refused', async () => {
  const strict = new PolicyRegistry({ loaded, store, strict: true });
  const text = policyText('first', { hook: 'path_truncate' });
  const change = await strict.add({ text, source: 'first.yaml' });
  assert.deepEqual([change.kind, ...codes(change)], ['refused', 'RF2401']);
  assert.equal(loaded.modes.size, 0);
});

test('the number of policies has a bound, those that are disabled included', async () => {
  const small = new PolicyRegistry({ loaded, store, strict: false, policyMax: 2 });
  const addTo = (name: string) => small.add({ text: policyText(name), source: 'p.yaml' });
  await addTo('first');
  await addTo('second');
  await small.disable(named('first'));
  assert.deepEqual(codes(await addTo('third')), ['RF2504']);
  await small.remove(named('first'));
  assert.equal((await addTo('third')).kind, 'done');
});

test('changes that come at once are made one after the other', async () => {
  let inside = 0;
  let most = 0;
  const stage = store.stage.bind(store);
  store.stage = async (change) => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((wake) => setImmediate(wake));
    const staged = await stage(change);
    const leave = <Result>(result: Result) => {
      inside -= 1;
      return result;
    };
    return { commit: () => staged.commit().then(leave), discard: () => staged.discard().then(leave) };
  };
  const changes = await Promise.all(['a', 'b', 'a', 'c'].map((name) => add(name)));
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['done', 'done', 'refused', 'done'],
  );
  assert.equal(most, 1);
});

test('more changes than can wait are refused', async () => {
  const changes = await Promise.allSettled(Array.from({ length: 100 }, (_, at) => add(`policy-${at}`)));
  const refused = changes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 36);
  assert.ok(refused.every((each) => each.status === 'rejected' && each.reason.code === 'RF3508'));
  assert.equal(registry.list().length, 64);
});

test('1,000 adds and deletes in a row leave nothing', async () => {
  for (let round = 0; round < 1000; round++) {
    assert.equal((await add('again')).kind, 'done');
    assert.equal((await registry.remove(named('again'))).kind, 'done');
  }
  assert.deepEqual([registry.list().length, store.kept.size, store.staged, loaded.modes.size], [0, 0, 0, 0]);
});

describe('an agent starts', () => {
  const file = (...names: string[]) => ({
    file: 'etc.yaml',
    text: names.map((name) => policyText(name)).join('---\n'),
  });

  test('with its files and with what was added before', async () => {
    await add('added');
    const next = restarted();
    const { prepares } = loaded;
    const { policies, diagnostics } = await next.start([file('first', 'second')]);
    assert.equal(loaded.prepares, prepares + 1, 'all of it is compiled once');
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      policies.map(({ name }) => name),
      ['first', 'second', 'added'],
    );
    assert.deepEqual(
      next.list().map(({ name, origin, source }) => [name, origin, source]),
      [
        ['first', 'file', 'etc.yaml'],
        ['second', 'file', 'etc.yaml'],
        ['added', 'control', 'added.yaml'],
      ],
    );
  });

  test('with nothing: what an earlier agent left in the kernel is taken out', async () => {
    await registry.start([]);
    assert.equal(loaded.installs, 1);
  });

  test('and loads nothing when a file has an error', async () => {
    await add('added');
    for (const broken of [{ file: 'etc.yaml', text: 'kind: Pod' }, file('wrong')]) {
      const next = restarted();
      loaded.wrong.add('wrong');
      const { policies, diagnostics } = await next.start([broken]);
      assert.deepEqual([policies.length, diagnostics.length > 0, loaded.installs], [0, true, 0]);
    }
  });

  test('and leaves out what was added before and does not go any more', async () => {
    for (const name of ['good', 'uncompiled', 'unloaded', 'last']) await add(name);
    const state = { origin: 'control', revision: undefined, enabled: true, mode: undefined } as const;
    store.kept.set('/garbled', { ...named('garbled'), ...state, source: 'g.yaml', text: 'a: b' });
    const next = restarted();
    loaded.wrong.add('uncompiled');
    loaded.refused.add('unloaded');
    await next.start([file('first')]);
    assert.deepEqual(
      next.list().map(({ name, state, diagnostics }) => [name, state, ...codes({ diagnostics })]),
      [
        ['first', 'loaded'],
        ['good', 'loaded'],
        ['uncompiled', 'refused', 'RF2001'],
        ['unloaded', 'refused', 'RF2201'],
        ['last', 'loaded'],
        ['garbled', 'refused', 'RF1103', 'RF1103', 'RF1103', 'RF1103', 'RF1104'],
      ],
    );
    assert.equal((await next.add({ text: policyText('more'), source: 'more.yaml' })).kind, 'done');
    assert.deepEqual(codes(await next.enable(named('uncompiled'))), ['RF2001']);
    loaded.wrong.clear();
    assert.equal((await next.enable(named('uncompiled'))).kind, 'done');
    assert.equal((await next.enable(named('garbled'))).kind, 'refused');
    assert.equal((await next.remove(named('garbled'))).kind, 'done');
  });

  test('a policy of a file can not be deleted or replaced; that it is disabled lasts', async () => {
    await registry.start([file('first', 'second')]);
    assert.deepEqual(codes(await registry.remove(named('first'))), ['RF2502']);
    assert.deepEqual(codes(await add('first', { replace: true })), ['RF2501']);
    await registry.disable(named('first'));
    await registry.setMode(named('second'), 'monitor');
    const next = restarted();
    await next.start([file('first', 'second')]);
    assert.deepEqual([...loaded.modes], [['/second', 'monitor']]);
    await next.enable(named('first'));
    assert.deepEqual([...store.kept.keys()], ['/second']);
  });

  test('of two policies of one name that of the file counts, and it is told', async () => {
    await add('first');
    const { problems } = await restarted().start([file('first')]);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      ['etc.yaml has a policy of that name, which comes first'],
    );
  });

  test('that a file has lost a policy which was disabled is told', async () => {
    await registry.start([file('first')]);
    await registry.disable(named('first'));
    const { problems } = await restarted().start([]);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      ['the policy whose state it keeps is no longer in etc.yaml'],
    );
  });

  test('policies of one file are kept by themselves, with the lines that they had', async () => {
    const text = `# two\n${policyText('one')}---\n# the other\n${policyText('two')}`;
    await registry.add({ text, source: 'both.yaml' });
    await registry.remove(named('one'));
    const kept = store.kept.get('/two');
    assert.doesNotMatch(kept?.text ?? '', /one/);
    assert.match(kept?.text ?? '', /# the other/);
    const next = restarted();
    loaded.wrong.add('two');
    await next.start([]);
    const line = text.split('\n').findIndex((each) => each.includes('name: two')) + 1;
    assert.equal(next.list()[0]?.diagnostics[0]?.span?.line, line);
  });
});
