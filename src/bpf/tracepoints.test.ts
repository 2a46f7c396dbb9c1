/** Tracepoints are read from the kernel's format files, and again from the text that is saved of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TracepointField } from './target.ts';
import { parseTracepointFormat } from './tracepoint-format.ts';
import { COMMON_FIELDS, isTracepointsText, tracepointList, tracepointsOfText, tracepointText } from './tracepoints.ts';

const EXEC = `name: sched_process_exec
ID: 311
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;
\tfield:char comm[16];\toffset:16;\tsize:16;\tsigned:0;
\tfield:const char * name;\toffset:32;\tsize:8;\tsigned:0;
\tfield:struct robust_list_head * * head;\toffset:40;\tsize:8;\tsigned:0;

print fmt: "field:int x;", __get_str(filename)
`;

const fields: readonly TracepointField[] = [
  { name: 'filename', type: '__data_loc char[]', offset: 8, size: 4, signed: false },
  { name: 'pid', type: 'pid_t', offset: 12, size: 4, signed: true },
  { name: 'comm', type: 'char[16]', offset: 16, size: 16, signed: false },
  { name: 'name', type: 'const char *', offset: 32, size: 8, signed: false },
  { name: 'head', type: 'struct robust_list_head * *', offset: 40, size: 8, signed: false },
];

test('a format file is read', () => {
  assert.deepEqual(parseTracepointFormat(EXEC), { fields: [...COMMON_FIELDS, ...fields] });
});

const unreadable = [
  ['a field without a size', EXEC.replace('\tsize:16;', '')],
  ['a field without a name', EXEC.replace('pid_t pid', 'pid_t')],
  ['a field of a new form', EXEC.replace('field:pid_t', 'field special:pid_t')],
] as const;

for (const [name, text] of unreadable) {
  test(`a format file is refused as a whole: ${name}`, () => assert.equal(parseTracepointFormat(text), undefined));
}

const exit: readonly TracepointField[] = [{ name: 'pid', type: 'pid_t', offset: 8, size: 4, signed: true }];
const tracepoints = tracepointList({ 'sched/sched_process_exec': fields, 'sched/sched_process_exit': exit });

test('what is listed is found', () => {
  assert.deepEqual(tracepoints.format('sched', 'sched_process_exec'), { fields: [...COMMON_FIELDS, ...fields] });
  assert.deepEqual(tracepoints.format('sched', 'sched_process_exit'), { fields: [...COMMON_FIELDS, ...exit] });
  assert.equal(tracepoints.format('sched', 'sched_process'), undefined);
  assert.equal(tracepoints.format('process', 'sched_process_exec'), undefined);
  assert.deepEqual(tracepoints.names(), ['sched/sched_process_exec', 'sched/sched_process_exit']);
  assert.deepEqual(tracepointList({}).names(), []);
});

test('a hint names the nearest first', () => {
  assert.deepEqual(tracepoints.similar('sched/sched_proces_exec', 1), ['sched/sched_process_exec']);
});

const EVENT = tracepointText('sched/sched_process_exec', { fields });

test('an event comes back from its text', () => {
  assert.deepEqual(tracepointsOfText(EVENT).format('sched', 'sched_process_exec'), { fields });
});

const texts = [
  ['nothing', '', true],
  ['an event', EVENT, true],
  ['two events', EVENT + EVENT, true],
  ['no newline at the end', EVENT.slice(0, -1), false],
  ['an empty line', `${EVENT}\n${EVENT}`, false],
  ['an event without a subsystem', 'exec\n', false],
  ['a number too long', EVENT.replace('\t12\t', '\t1234567890\t'), false],
  ['a field that is neither signed nor not', EVENT.replace(/\t1\n/, '\t2\n'), false],
  ['a field without a type', EVENT.replace('\tpid_t', ''), false],
] as const;

for (const [name, text, expected] of texts) {
  test(`a text of tracepoints, ${name}: ${expected}`, () => assert.equal(isTracepointsText(text), expected));
}
