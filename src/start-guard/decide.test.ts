import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  BOOTING_MS,
  type Decision,
  decide,
  type FoundJournal,
  type Journal,
  journalOf,
  type Situation,
} from './decide.ts';

const GUARD_MS = 60_000;
const none: FoundJournal = { kind: 'none' };

function journal(more: Partial<Journal> = {}): Journal {
  return { bootId: 'this', phase: 'watching', sinceMs: 10_000, stopped: false, heldFor: undefined, ...more };
}

function found(more: Partial<Journal>): FoundJournal {
  return { kind: 'found', journal: journal(more) };
}

function situation(more: Partial<Situation>): Situation {
  return { breakGlass: undefined, journal: none, bootId: 'this', nowMs: 20_000, guardMs: GUARD_MS, ...more };
}

/** What is found, and what holds from the start: `monitor-until` with its time. */
const table: readonly (readonly [string, Partial<Situation>, string, RegExp])[] = [
  ['the kernel argument', { breakGlass: { kind: 'argument' } }, 'off', /kernel argument ringfence=off/],
  ['the file', { breakGlass: { kind: 'file', path: '/etc/ringfence/off' } }, 'off', /\/etc\/ringfence\/off/],
  [
    'the argument, and a boot that died',
    { breakGlass: { kind: 'argument' }, journal: found({ bootId: 'before' }) },
    'off',
    /kernel argument/,
  ],
  [
    'the guard is off, after a boot that died',
    { guardMs: 0, journal: found({ bootId: 'before' }) },
    'enforce',
    /switched off/,
  ],
  ['the first start, soon after the boot', {}, 'monitor-until 80000', /first start/],
  ['the first start, long after the boot', { nowMs: BOOTING_MS }, 'enforce', /up for long/],
  ['a journal that can not be read', { journal: { kind: 'unreadable' } }, 'monitor-until 80000', /can not be read/],
  [
    'a journal that can not be read, long after the boot',
    { journal: { kind: 'unreadable' }, nowMs: BOOTING_MS },
    `monitor-until ${BOOTING_MS + GUARD_MS}`,
    /can not be read/,
  ],
  [
    'after a boot that went well',
    { journal: found({ bootId: 'before', phase: 'survived' }) },
    'monitor-until 80000',
    /booted/,
  ],
  [
    'after a boot that went well, long ago',
    { journal: found({ bootId: 'before', phase: 'survived' }), nowMs: BOOTING_MS },
    'enforce',
    /up for long/,
  ],
  [
    'after a boot that was ended in good order',
    { journal: found({ bootId: 'before', phase: 'enforcing', stopped: true }) },
    'monitor-until 80000',
    /booted/,
  ],
  [
    'after a boot that died while policies watched',
    { journal: found({ bootId: 'before' }) },
    'held',
    /boot before died/,
  ],
  [
    'after a boot that died as policies enforced',
    { journal: found({ bootId: 'before', phase: 'enforcing' }), nowMs: BOOTING_MS },
    'held',
    /boot before died/,
  ],
  [
    'after a boot that was held and went well',
    { journal: found({ bootId: 'before', phase: 'survived', heldFor: 'first' }) },
    'held',
    /boot first died/,
  ],
  ['started again while held', { journal: found({ heldFor: 'first' }) }, 'held', /boot first died/],
  ['started again within the time to watch', { journal: found({}) }, 'monitor-until 70000', /booted/],
  ['started again after the time to watch', { journal: found({}), nowMs: 70_000 }, 'enforce', /over/],
  ['started again while in doubt', { journal: found({ phase: 'enforcing' }) }, 'enforce', /in this boot before/],
  ['started again after that', { journal: found({ phase: 'survived' }) }, 'enforce', /in this boot before/],
  [
    'started again after it was stopped',
    { journal: found({ phase: 'survived', stopped: true }) },
    'enforce',
    /in this boot/,
  ],
];

for (const [name, more, expected, reason] of table) {
  test(`start guard: ${name}`, () => {
    const decision = decide(situation(more));
    assert.equal([decision.enforcement, decision.untilMs ?? ''].join(' ').trim(), expected);
    assert.match(decision.reason, reason);
  });
}

/** What was found, and what is noted before anything is attached. */
const notes: readonly (readonly [string, Partial<Situation>, Partial<Journal>])[] = [
  ['the first start', {}, { phase: 'watching', sinceMs: 20_000 }],
  ['long after the boot', { nowMs: BOOTING_MS }, { phase: 'enforcing', sinceMs: BOOTING_MS }],
  ['a new boot', { journal: found({ bootId: 'before', phase: 'survived' }) }, { phase: 'watching', sinceMs: 20_000 }],
  ['again within the time to watch', { journal: found({ stopped: true }) }, { phase: 'watching', sinceMs: 10_000 }],
  ['again after the time to watch', { journal: found({}), nowMs: 70_000 }, { phase: 'enforcing', sinceMs: 70_000 }],
  ['again while in doubt', { journal: found({ phase: 'enforcing' }) }, { phase: 'enforcing', sinceMs: 10_000 }],
  ['again after that', { journal: found({ phase: 'survived' }) }, { phase: 'survived', sinceMs: 10_000 }],
  ['after a boot that died', { journal: found({ bootId: 'before' }) }, { sinceMs: 20_000, heldFor: 'before' }],
  [
    'after two boots that died',
    { journal: found({ bootId: 'before', heldFor: 'first' }) },
    { phase: 'watching', sinceMs: 20_000, heldFor: 'first' },
  ],
];

for (const [name, more, expected] of notes) {
  test(`start guard notes: ${name}`, () => {
    const at = situation(more);
    assert.deepEqual(journalOf(decide(at), at), journal({ ...expected }));
  });
}

const watching: Decision = { enforcement: 'monitor-until', untilMs: 70_000, reason: '' };
const enforcing: Decision = { enforcement: 'enforce', untilMs: undefined, reason: '' };
const held: Decision = { enforcement: 'held', untilMs: undefined, reason: '' };

const times: readonly (readonly [string, Decision, Partial<Journal>, number, string | undefined])[] = [
  ['a moment too early', watching, {}, 69_999, undefined],
  ['the time to watch is over', watching, {}, 70_000, 'enforce enforcing 70000'],
  ['in doubt', enforcing, { phase: 'enforcing', sinceMs: 70_000 }, 129_999, undefined],
  ['no more doubt', enforcing, { phase: 'enforcing', sinceMs: 70_000 }, 130_000, 'enforce survived 70000'],
  ['nothing comes after that', enforcing, { phase: 'survived', sinceMs: 70_000 }, 1e9, undefined],
  ['held does not end by itself', held, { heldFor: 'before' }, 1e9, undefined],
];

for (const [name, decision, more, nowMs, expected] of times) {
  test(`start guard with time: ${name}`, () => {
    const next = advance(decision, journal(more), { nowMs, guardMs: GUARD_MS });
    const brief = next && `${next.decision.enforcement} ${next.journal.phase} ${next.journal.sinceMs}`;
    assert.equal(brief, expected);
  });
}
