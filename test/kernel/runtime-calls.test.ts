/** What policies do beyond deciding: records that wait for a return, signals, and all of it in programs of each kind. */
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { action, mode, policyFlag, policyLayout, recordPolicyLayout, ring } from '#abi';
import { RingBuffer, u32Key } from '#kernel';
import { countSignals, openRuntime, passes, readOnly, SIGWINCH, viewOf, words } from './harness/index.ts';

const SLOT = 5; // kprobes/selftest/call.bpf.c

const main = openRuntime('selftest.bpf.o');
after(() => main.close());
const rings = {
  verdict: RingBuffer.open(main.map('rf_verdicts')),
  observation: RingBuffer.open(main.map('rf_observations')),
};

function setMode(slot: number, policyMode: number): void {
  const policy = new Uint8Array(policyLayout.bytes);
  viewOf(policy).setUint32(policyLayout.mode, policyMode, true);
  main.map('rf_policies').update(u32Key(slot), policy);
}

/** The flags of the records that are in a ring. */
function drained(from: RingBuffer): readonly number[] {
  const flags: number[] = [];
  from.drain((data, offset, length) => {
    flags.push(viewOf(data.subarray(offset, offset + length)).getUint32(recordPolicyLayout.flags, true));
  }, 1_000);
  return flags;
}

describe('calls that wait for their return', () => {
  const { returnLost } = policyFlag;
  for (const [name, lost] of [
    ['test_call_returns', 0],
    ['test_call_untold', 0],
    ['test_call_again', 1],
    ['test_call_no_room', 1],
    ['test_call_too_long', 1],
    ['test_call_replaced', 1],
    ['test_call_abandoned', 2],
  ] as const) {
    test(name, () => {
      drained(rings.observation);
      passes(main, name);
      assert.deepEqual(
        drained(rings.observation),
        Array.from({ length: lost }, () => returnLost),
      );
    });
  }
});

describe('acts at the return', () => {
  const { returned, returnSignal, returnKill, monitor } = policyFlag;
  for (const [name, row] of [
    ['a signal', { actions: action.signal, mode: mode.enforce, flags: returned | returnSignal, signals: 1 }],
    [
      'a signal, held back',
      { actions: action.signal, mode: mode.monitor, flags: returned | returnSignal | monitor, signals: 0 },
    ],
    [
      'a kill, held back',
      { actions: action.sigkill, mode: mode.monitor, flags: returned | returnKill | monitor, signals: 0 },
    ],
    ['nothing', { actions: action.post, mode: mode.enforce, flags: returned, signals: 0 }],
  ] as const) {
    test(name, async () => {
      setMode(SLOT, row.mode);
      const signals = await countSignals(row.signals, () => {
        const out = viewOf(passes(main, 'test_return_act', words(row.actions, SIGWINCH, 0, 0, 0, 0)));
        const signalled = (row.actions & action.signal) !== 0;
        assert.equal(out.getUint32(8, true), row.flags);
        assert.equal(out.getUint32(12, true), signalled ? SIGWINCH : 0);
        assert.equal(out.getUint32(16, true), row.actions === action.post ? ring.observation : ring.verdict);
      });
      assert.equal(signals, row.signals);
    });
  }
});

test('programs of every kind may call what policies call', () => {
  const kinds = ['lsm', 'fentry', 'fexit', 'kprobe', 'kretprobe', 'tp_btf', 'tracepoint'];
  const map = main.map('st_kinds');
  const value = new Uint8Array(map.valueSize);
  value.set(words(process.pid, SLOT));
  setMode(SLOT, mode.monitor);
  map.update(u32Key(0), value);
  for (const [index, kind] of kinds.entries()) {
    drained(rings.verdict);
    using _link = main.program(`st_kind_${kind}`).attach();
    closeSync(openSync('/proc/version', 'r'));
    const view = readOnly(main, 'st_kinds');
    assert.ok(view.getBigUint64(8 + 8 * index, true) > 0n, `${kind} ran`);
    assert.equal(view.getBigUint64(8 + 8 * (kinds.length + index), true), BigInt(process.pid), kind);
    const wanted = policyFlag.monitor | policyFlag.returned | policyFlag.returnKill;
    const flags = drained(rings.verdict);
    assert.ok(flags.length > 0 && flags.every((each) => (each & wanted) === wanted), `${kind}: ${flags}`);
  }
});
