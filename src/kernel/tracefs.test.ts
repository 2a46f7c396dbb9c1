/** What can be traced is read from files as the kernel writes them, when it is asked for. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findTracefs, kernelFunctions, kernelTracepoints } from './tracefs.ts';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-tracefs-'));
after(() => rmSync(directory, { recursive: true }));

const FUNCTIONS = `vfs_open
__ftrace_invalid_address___64
ext4_open [ext4]
vfs_open
vfs_read.isra.0
`;

const KALLSYMS = `ffffffff81000000 T _stext
ffffffff81000010 t vfs_open
0000000000000000 W weak
ffffffff82000000 D data
ffffffffc0000000 t helper\t[module]
`;

const FORMAT = `name: exit
format:
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

print fmt: "%d", REC->common_pid
`;

const there = join(directory, 'tracing');
const kallsyms = join(directory, 'kallsyms');
mkdirSync(join(there, 'events/sched/exit'), { recursive: true });
writeFileSync(join(there, 'available_filter_functions'), FUNCTIONS);
writeFileSync(join(there, 'available_events'), 'sched:exit\nxhci-hcd:xhci_urb\n');
writeFileSync(join(there, 'events/sched/exit/format'), FORMAT);
writeFileSync(join(there, 'format'), FORMAT);
writeFileSync(kallsyms, KALLSYMS);

const nowhere = join(directory, 'nowhere');
const tracefs = findTracefs([nowhere, there]);
const missing = findTracefs([nowhere]);

test('tracefs: the first place that has it', () => {
  assert.deepEqual(tracefs, { path: there, state: { kind: 'yes' } });
});

test('tracefs: missing, with the places that were looked at', () => {
  assert.equal(missing.path, undefined);
  assert.equal(missing.state.kind, 'no');
  assert.ok(missing.state.kind === 'no' && missing.state.reason.includes(nowhere));
});

test('tracefs: the functions of the kernel, without those of modules and placeholders', () => {
  const functions = kernelFunctions(tracefs, kallsyms);
  assert.deepEqual(functions.names(), ['vfs_open', 'vfs_open', 'vfs_read.isra.0']);
  assert.equal(functions.count('vfs_open'), 2);
  assert.equal(functions.count('ext4_open'), 0);
  assert.deepEqual(functions.clones('vfs_read'), ['vfs_read.isra.0']);
  assert.deepEqual(functions.similar('vfs_opn', 1), ['vfs_open']);
});

test('tracefs: without it, functions are those with a symbol', () => {
  assert.deepEqual(kernelFunctions(missing, kallsyms).names(), ['_stext', 'vfs_open', 'weak']);
});

test('tracefs: functions are read when they are asked for, and once', () => {
  const moved = join(directory, 'moved');
  const functions = kernelFunctions(missing, moved);
  writeFileSync(moved, KALLSYMS);
  assert.equal(functions.count('vfs_open'), 1);
  rmSync(moved);
  assert.equal(functions.count('vfs_open'), 1);
});

test('tracefs: tracepoints', () => {
  const tracepoints = kernelTracepoints(tracefs);
  const field = { name: 'common_pid', type: 'int', offset: 4, size: 4, signed: true };
  assert.deepEqual(tracepoints.format('sched', 'exit'), { fields: [field] });
  assert.equal(tracepoints.format('sched', 'exec'), undefined);
  assert.deepEqual(tracepoints.names(), ['sched/exit', 'xhci-hcd/xhci_urb']);
  assert.deepEqual(tracepoints.similar('sched/exti', 1), ['sched/exit']);
});

test('tracefs: names from a policy reach no other file', () => {
  assert.equal(kernelTracepoints(tracefs).format('..', '..'), undefined);
  assert.equal(kernelTracepoints(tracefs).format('sched/..', 'sched/exit'), undefined);
  assert.equal(kernelTracepoints(tracefs).format('sched', ''), undefined);
});

test('tracefs: without it there are no tracepoints', () => {
  const tracepoints = kernelTracepoints(missing);
  assert.equal(tracepoints.format('sched', 'exit'), undefined);
  assert.deepEqual(tracepoints.names(), []);
  assert.deepEqual(tracepoints.similar('sched/exit', 3), []);
});
