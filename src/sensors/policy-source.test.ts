/** Policies of a source elsewhere: many in one change, each with an outcome of its own, and a copy for when it is away. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Diagnostic } from '#diagnostics';
import { PolicyRegistry } from './policy-registry.ts';
import type { PolicyOutcome, PolicyPut, SourceChange } from './policy-source.ts';
import { FakeLoaded, FakeStore, policyText } from './testing.ts';

let loaded: FakeLoaded;
let store: FakeStore;
let registry: PolicyRegistry;

beforeEach(() => {
  store = new FakeStore();
  registry = restarted();
});

/** The registry of the next agent. */
function restarted(more: { strict?: boolean; policyMax?: number } = {}): PolicyRegistry {
  loaded = new FakeLoaded();
  return new PolicyRegistry({ loaded, store, strict: false, ...more });
}

const named = (name: string) => ({ name, namespace: undefined });
const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

function put(name: string, { revision = '1', hook = 'file_open', text = policyText(name, { hook }) } = {}): PolicyPut {
  return { ...named(name), text, source: `tracingpolicies/${name}`, revision };
}

function apply(...change: readonly PolicyPut[]): Promise<readonly PolicyOutcome[]> {
  return registry.apply({ origin: 'kubernetes', put: change, remove: [] });
}

const brief = (outcomes: readonly PolicyOutcome[]) =>
  outcomes.map(({ name, kind, diagnostics, formerEnforces }) =>
    [name, kind, ...codes(diagnostics), ...(formerEnforces ? ['former enforces'] : [])].join(' '),
  );
const enforced = () => [...loaded.modes.keys()].map((key) => key.slice(1));
const listed = () =>
  registry.list().map(({ name, state, stale = false }) => `${name} ${state}${stale ? ' stale' : ''}`);

test('many policies are one change: compiled once, and installed once', async () => {
  const outcomes = await apply(...['a', 'b', 'c'].map((name) => put(name, { revision: `uid-${name}/3` })));
  assert.deepEqual(brief(outcomes), ['a loaded', 'b loaded', 'c loaded']);
  assert.deepEqual(
    outcomes.map(({ key, revision, hooks }) => [key, revision, hooks.map(({ attached }) => attached)]),
    ['a', 'b', 'c'].map((name) => [`/${name}`, `uid-${name}/3`, [['lsm/file_open']]]),
  );
  assert.deepEqual([loaded.prepares, loaded.installs], [1, 1]);
  assert.deepEqual(
    registry.list().map(({ origin, source, revision }) => [origin, source, revision]),
    ['a', 'b', 'c'].map((name) => ['kubernetes', `tracingpolicies/${name}`, `uid-${name}/3`]),
  );
});

test('what comes again with the same text is neither compiled nor loaded anew, and has the new revision', async () => {
  await apply(put('a'));
  const { installs, prepares } = loaded;
  assert.deepEqual(brief(await apply(put('a', { revision: '2' }))), ['a loaded']);
  assert.deepEqual([loaded.installs, loaded.prepares], [installs, prepares]);
  assert.equal(registry.list()[0]?.revision, '2');
});

test('the warnings of a policy are told again when it comes again', async () => {
  const racy = (revision: string) => put('racy', { hook: 'path_truncate', revision });
  assert.deepEqual(brief(await apply(racy('1'), put('other'))), ['racy loaded RF2401', 'other loaded']);
  assert.deepEqual(brief(await apply(racy('2'))), ['racy loaded RF2401']);
});

test('some go, some come, and some change at once', async () => {
  await apply(put('goes'), put('stays'), put('changes'));
  const change: SourceChange = {
    origin: 'kubernetes',
    put: [put('changes', { hook: 'file_permission', revision: '2' }), put('comes')],
    remove: [named('goes'), named('never')],
  };
  const { installs } = loaded;
  const outcomes = await registry.apply(change);
  assert.deepEqual(brief(outcomes), ['changes loaded', 'comes loaded']);
  assert.equal(outcomes[0]?.hooks[0]?.name, 'file_permission');
  assert.deepEqual(enforced(), ['stays', 'changes', 'comes']);
  assert.equal(loaded.installs, installs + 1);
  assert.deepEqual([...store.kept.keys()].toSorted(), ['/changes', '/comes', '/stays']);
});

describe('each is refused by itself', () => {
  const wrong: readonly (readonly [name: string, text: string, codes: string])[] = [
    ['no YAML', '{', 'RF1005'],
    ['an unknown operator', policyText('bad').replace('Equal', 'Equals'), 'RF1106'],
    ['another name', policyText('other'), 'RF2506'],
    ['two policies', `${policyText('bad')}---\n${policyText('other')}`, 'RF2506'],
  ];
  for (const [name, text, code] of wrong) {
    test(name, async () => {
      const outcomes = await apply(put('first'), put('bad', { text }), put('last'));
      assert.deepEqual(
        brief(outcomes).map((each) => each.split(' ').slice(0, 3).join(' ')),
        ['first loaded', `bad refused ${code}`, 'last loaded'],
      );
      assert.deepEqual(enforced(), ['first', 'last']);
      assert.deepEqual(listed(), ['first loaded', 'bad refused', 'last loaded']);
    });
  }

  for (const [where, code] of [
    ['wrong', 'RF2001'],
    ['refused', 'RF2201'],
  ] as const) {
    test(`${code}: of many, two`, async () => {
      loaded[where].add('p3').add('p7');
      const outcomes = await apply(...Array.from({ length: 10 }, (_, at) => put(`p${at}`)));
      const expected = Array.from({ length: 10 }, (_, at) =>
        at === 3 || at === 7 ? `p${at} refused ${code}` : `p${at} loaded`,
      );
      assert.deepEqual(brief(outcomes), expected);
      assert.equal(enforced().length, 8);
      assert.ok(loaded.prepares <= 2, 'the compiler names both at once');
      assert.equal(store.kept.has('/p3'), false, 'what is refused is not kept');
      loaded[where].clear();
      assert.deepEqual(brief(await apply(put('p3'))), ['p3 loaded']);
    });

    test(`${code}: a version that should take the place of another one leaves it enforcing`, async () => {
      await apply(put('a'), put('b'));
      loaded[where].add('file_permission');
      const outcomes = await apply(put('a', { hook: 'file_permission', revision: '2' }), put('b', { revision: '2' }));
      assert.deepEqual(brief(outcomes), [`a refused ${code} former enforces`, 'b loaded']);
      assert.equal(outcomes[0]?.hooks[0]?.name, 'file_open');
      const [a] = registry.list();
      assert.deepEqual([a?.state, a?.revision, a?.refusedVersion?.revision], ['loaded', '1', '2']);
      assert.deepEqual(enforced().toSorted(), ['a', 'b']);
      assert.match(store.kept.get('/a')?.text ?? '', /file_open/);
      loaded[where].clear();
      assert.deepEqual(brief(await apply(put('a', { hook: 'file_permission', revision: '3' }))), ['a loaded']);
      assert.equal(registry.list()[0]?.refusedVersion, undefined);
    });
  }

  test('a text that is no policy leaves the version before it enforcing', async () => {
    await apply(put('a'));
    const [outcome] = await apply(put('a', { text: 'kind: Pod', revision: '2' }));
    assert.deepEqual([outcome?.kind, outcome?.formerEnforces], ['refused', true]);
    assert.deepEqual(enforced(), ['a']);
  });

  test('strictly, what another thread can get around', async () => {
    registry = restarted({ strict: true });
    const outcomes = await apply(put('a'), put('racy', { hook: 'path_truncate' }), put('b'));
    assert.deepEqual(brief(outcomes), ['a loaded', 'racy refused RF2401', 'b loaded']);
    assert.deepEqual(enforced(), ['a', 'b']);
  });

  test('what there is no room for', async () => {
    registry = restarted({ policyMax: 2 });
    assert.deepEqual(brief(await apply(put('a'), put('b'), put('c'))), ['a loaded', 'b loaded', 'c refused RF2504']);
    assert.equal(registry.list().length, 2);
  });

  test('a name that a file or the control socket has, and the other way round', async () => {
    await registry.start([{ file: 'etc.yaml', text: policyText('ours') }]);
    await registry.add({ text: policyText('added'), source: 'added.yaml' });
    const outcomes = await apply(put('ours'), put('added'), put('free'));
    assert.deepEqual(brief(outcomes), ['ours refused RF2501', 'added refused RF2501', 'free loaded']);
    assert.deepEqual(
      outcomes.map(({ diagnostics: [first] }) => first?.message.replace(/.*came/, 'came')),
      ['came from etc.yaml', 'came from added.yaml', undefined],
    );
    assert.deepEqual(
      registry.list().map(({ name, origin }) => `${name} ${origin}`),
      ['ours file', 'added control', 'free kubernetes'],
    );
    const taken = await registry.add({ text: policyText('free'), source: 'free.yaml', replace: true });
    assert.deepEqual([taken.kind, codes(taken.diagnostics)], ['refused', ['RF2501']]);
    assert.match(taken.diagnostics[0]?.hint ?? '', /kubectl/);
    assert.deepEqual(enforced(), ['ours', 'added', 'free']);
    await registry.remove(named('added'));
    assert.deepEqual(brief(await apply(put('added'))), ['added loaded']);
  });
});

test('when not even what is loaded compiles any more, nothing changes', async () => {
  await apply(put('a'), put('b'));
  loaded.wrong.add('a');
  const outcomes = await registry.apply({ origin: 'kubernetes', put: [put('c'), put('b')], remove: [named('a')] });
  assert.deepEqual(brief(outcomes), ['c loaded', 'b loaded']);
  await apply(put('a'));
  loaded.wrong.add('b');
  const change = put('b', { hook: 'file_permission', revision: '2' });
  assert.deepEqual(brief(await apply(put('d'), change)), ['d refused RF2001', 'b refused RF2001 former enforces']);
  assert.deepEqual(enforced(), ['b', 'c']);
  assert.deepEqual(listed(), ['b loaded', 'c loaded', 'a refused']);
});

test('a source does not remove what is not its own', async () => {
  await registry.add({ text: policyText('added'), source: 'added.yaml' });
  await registry.apply({ origin: 'kubernetes', put: [], remove: [named('added')] });
  await registry.synced('kubernetes', new Set());
  assert.deepEqual(enforced(), ['added']);
});

test('by hand it can not be deleted; that it is disabled, and its mode, are of the node and last', async () => {
  await apply(put('a'), put('b'));
  const removal = await registry.remove(named('a'));
  assert.deepEqual([removal.kind, codes(removal.diagnostics)], ['refused', ['RF2505']]);
  await registry.disable(named('a'));
  await registry.setMode(named('b'), 'monitor');
  const changed = (name: string) => put(name, { hook: 'file_permission', revision: '2' });
  assert.deepEqual(brief(await apply(changed('a'), changed('b'))), ['a disabled', 'b loaded']);
  assert.deepEqual([...loaded.modes], [['/b', 'monitor']]);
  registry = restarted();
  await registry.start([]);
  assert.deepEqual([...loaded.modes], [['/b', 'monitor']]);
});

describe('without the source', () => {
  beforeEach(async () => {
    await apply(put('a', { revision: '7' }), put('b'), put('c'));
    registry = restarted();
    await registry.start([]);
  });

  test('an agent starts with the copies, and says that they are stale', () => {
    assert.deepEqual(enforced(), ['a', 'b', 'c']);
    assert.deepEqual(listed(), ['a loaded stale', 'b loaded stale', 'c loaded stale']);
    assert.equal(registry.list()[0]?.revision, '7');
  });

  test('one that is put is not stale any more; with the sync those that are gone go', async () => {
    const { installs } = loaded;
    assert.deepEqual(brief(await apply(put('a', { revision: '8' }))), ['a loaded']);
    assert.deepEqual(listed(), ['a loaded', 'b loaded stale', 'c loaded stale']);
    assert.equal(loaded.installs, installs, 'what is loaded already is not loaded anew');
    await registry.synced('kubernetes', new Set(['/a', '/c']));
    assert.deepEqual(listed(), ['a loaded', 'c loaded']);
    assert.deepEqual([...store.kept.keys()], ['/a', '/c']);
  });

  test('when it is lost again, all are stale until it has synced', async () => {
    await registry.synced('kubernetes', new Set(['/a', '/b', '/c']));
    await registry.lost('kubernetes');
    assert.deepEqual(listed(), ['a loaded stale', 'b loaded stale', 'c loaded stale']);
    assert.deepEqual(enforced(), ['a', 'b', 'c']);
    await registry.synced('kubernetes', new Set(['/a', '/b', '/c']));
    assert.deepEqual(listed(), ['a loaded', 'b loaded', 'c loaded']);
  });
});

for (const place of ['stage', 'commit'] as const) {
  test(`a full disk keeps no change from being enforced, and the copy follows: ${place}`, async () => {
    await apply(put('gone'));
    store.fails = place;
    const outcomes = await registry.apply({ origin: 'kubernetes', put: [put('a')], remove: [named('gone')] });
    assert.deepEqual(brief(outcomes), ['a loaded RF2507']);
    assert.deepEqual([enforced(), [...store.kept.keys()]], [['a'], ['/gone']]);
    assert.deepEqual(brief(await apply(put('b'))), ['b loaded']);
    assert.deepEqual([...store.kept.keys()].toSorted(), ['/a', '/b']);
  });
}

test('a kernel that can not be asked changes nothing, and the next change is made', async () => {
  await apply(put('a'));
  loaded.broken = new Error('out of memory');
  await assert.rejects(apply(put('b')), /out of memory/);
  assert.deepEqual([listed(), [...store.kept.keys()]], [['a loaded'], ['/a']]);
  assert.deepEqual(brief(await apply(put('b'))), ['b loaded']);
});
