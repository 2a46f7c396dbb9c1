/** Emits tests of the calling process. */
import { bound, pathFlag, processFlag, processLayout, scratchLayout, subjectLayout } from '#abi';
import type { Assembler } from '#bpf';
import type { Span } from '#diagnostics';
import { emitRanges, NUMBER } from './emit-integer.ts';
import { emitIsListed } from './emit-row.ts';
import type { Exits } from './emit-test.ts';
import { emitAny, emitCompare, LENGTH } from './emit-text.ts';
import type { BinaryTest, BytesValue, CapabilityTest, FollowTest, HookPlan, NamespaceTest, PidTest } from './plan.ts';
import { disjoint } from './ranges.ts';
import { PROCESS, SCRATCH } from './registers.ts';

/** Of a test it is at hand. The agent's own calls are let through, to `exempt`. */
export function emitFindProcess(to: Assembler, plan: HookPlan, exempt: string): void {
  if (plan.point.kind === 'test') return;
  to.move('r1', SCRATCH).callExtern('rf_process_current').move(PROCESS, 'r0');
  to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.exempt, exempt);
}

/** These fall through when the process is one of those listed, whether or not the test is negated. */
export function emitBinaryCore(to: Assembler, plan: HookPlan, test: BinaryTest, exits: Exits): void {
  const holds = to.freshLabel('binary');
  to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.binaryUnknown, exits.unreadable);
  if (test.negated) emitElsewhere(to, test, holds, exits);
  if (test.inSet !== undefined) emitIsListed(to, plan, test.inSet, holds);
  if (test.values.length === 0) {
    to.jump(exits.fails).label(holds);
    return;
  }
  emitAnyBinary(to, test, test.values, exits.fails);
  to.at(test.span).label(holds);
}

/** Who can choose where a file lies gives it its name, and it would be one of those that a policy excepts. */
function emitElsewhere(to: Assembler, test: BinaryTest, holds: string, { fails }: Exits): void {
  if (test.memoryFiles.length === 0) {
    to.jumpIf('set', 'r1', processFlag.binaryElsewhere, fails);
    return;
  }
  const [elsewhere, here] = [to.freshLabel('elsewhere'), to.freshLabel('here')];
  to.jumpIf('set', 'r1', processFlag.binaryElsewhere, elsewhere).jump(here).label(elsewhere);
  emitAnyBinary(to, test, test.memoryFiles, fails);
  to.at(test.span).jump(holds).label(here);
}

function emitAnyBinary(to: Assembler, test: BinaryTest, values: readonly BytesValue[], fails: string): void {
  to.load(4, LENGTH, PROCESS, processLayout.binaryLength);
  emitAny(to, values, fails, (value, differs) => {
    to.jumpIf(test.operator === 'equal' ? 'ne' : 'lt', LENGTH, value.bytes.length, differs);
    emitCompare(to, value, { base: PROCESS, offset: placeOf(test, value) }, differs);
  });
}

/** The end of the path is kept right aligned, apart from its beginning. */
function placeOf({ operator }: BinaryTest, { bytes }: BytesValue): number {
  return operator === 'postfix' ? processLayout.binaryTail + bound.binaryTail - bytes.length : processLayout.binary;
}

export function emitFollowCore(to: Assembler, test: FollowTest, exits: Exits): void {
  const holds = to.freshLabel('follow');
  to.load(4, 'r1', PROCESS, processLayout.follow + (test.bit >> 5) * 4);
  to.jumpIf32('set', 'r1', (1 << (test.bit & 31)) >>> 0, holds);
  if (test.list === 'binaries') {
    to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.binaryUnknown, exits.unreadable);
  }
  to.jump(exits.fails).label(holds);
}

export function emitPidCore(to: Assembler, test: PidTest, exits: Exits): void {
  emitSubject(to, exits);
  to.load(4, NUMBER, SCRATCH, scratchLayout.subject + (test.inNamespace ? subjectLayout.nsPid : subjectLayout.pid));
  emitListed(to, test.values, test.span, exits);
}

export function emitNamespaceCore(to: Assembler, test: NamespaceTest, exits: Exits): void {
  emitSubject(to, exits);
  to.load(4, NUMBER, SCRATCH, scratchLayout.subject + namespaceOffsets[test.field]);
  emitListed(to, test.values, test.span, exits);
}

const namespaceOffsets = {
  uts: subjectLayout.namespacesUts,
  ipc: subjectLayout.namespacesIpc,
  mnt: subjectLayout.namespacesMnt,
  pid: subjectLayout.namespacesPid,
  pidForChildren: subjectLayout.namespacesPidForChildren,
  net: subjectLayout.namespacesNet,
  time: subjectLayout.namespacesTime,
  timeForChildren: subjectLayout.namespacesTimeForChildren,
  cgroup: subjectLayout.namespacesCgroup,
  user: subjectLayout.namespacesUser,
} as const;

const capabilityOffsets = {
  Effective: subjectLayout.credentialsCapEffective,
  Inheritable: subjectLayout.credentialsCapInheritable,
  Permitted: subjectLayout.credentialsCapPermitted,
} as const;

export function emitCapabilityCore(to: Assembler, test: CapabilityTest, exits: Exits): void {
  emitSubject(to, exits);
  if (test.notInUserNamespace !== undefined) {
    to.load(4, 'r1', SCRATCH, scratchLayout.subject + namespaceOffsets.user);
    to.jumpIf32('eq', 'r1', test.notInUserNamespace, exits.never);
  }
  const holds = to.freshLabel('capability');
  to.load(8, 'r1', SCRATCH, scratchLayout.subject + capabilityOffsets[test.set]).loadImmediate64('r2', test.mask);
  to.jumpIf('set', 'r1', 'r2', holds).jump(exits.fails).label(holds);
}

function emitSubject(to: Assembler, exits: Exits): void {
  const read = to.freshLabel('subject');
  to.load(4, 'r1', SCRATCH, scratchLayout.subject + subjectLayout.flags);
  to.jumpIf('eq', 'r1', pathFlag.read, read);
  to.move('r1', SCRATCH).callExtern('rf_read_subject').jumpIf('ne', 'r0', 0, exits.unreadable).label(read);
}

const WORD = { bits: 32, signed: false } as const;

function emitListed(to: Assembler, values: readonly number[], span: Span, exits: Exits): void {
  const ranges = values.map((value) => ({ minimum: BigInt(value), maximum: BigInt(value), span }));
  emitRanges(to, disjoint(ranges, { minimum: 0n, maximum: 0xffff_ffffn }), WORD, exits.fails);
}
