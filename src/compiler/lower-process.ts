/** What a selector asks of the calling process becomes tests. */
import { bound } from '#abi';
import { type Diagnostic, diagnostic } from '#diagnostics';
import {
  type BinaryMatch,
  type CapabilityMatch,
  MEMORY_FILE,
  type NamespaceKind,
  type NamespaceMatch,
  type PidMatch,
  type Selector,
} from '#policy';
import { assert } from '#std';
import type { FollowBits, FollowRequest } from './lower-match.ts';
import type {
  BinaryTest,
  BytesValue,
  CapabilityTest,
  FollowTest,
  NamespaceField,
  NamespaceTest,
  PidTest,
  Test,
  TextOperator,
} from './plan.ts';

type Scope = {
  readonly hostNamespaces: Readonly<Record<string, number>>;
  readonly follow: FollowBits;
  readonly diagnostics: Diagnostic[];
};

export function lowerProcess(selector: Selector, scope: Scope): readonly (Test | undefined)[] {
  return [
    ...(selector.binaries === undefined ? [] : [lowerBinaries(selector.binaries, scope)]),
    ...selector.pids.map((match) => lowerPids(match, scope)),
    ...selector.namespaces.map((match) => lowerNamespace(match, scope)),
    ...selector.capabilities.map(lowerCapability),
  ];
}

const OPERATORS: Readonly<Record<BinaryMatch['operator']['value'], TextOperator>> = {
  In: 'equal',
  NotIn: 'equal',
  Prefix: 'prefix',
  NotPrefix: 'prefix',
  Postfix: 'postfix',
  NotPostfix: 'postfix',
};

function lowerBinaries(match: BinaryMatch, scope: Scope): BinaryTest | FollowTest | undefined {
  const operator = OPERATORS[match.operator.value];
  const negated = match.operator.value.startsWith('Not');
  const values = match.values.map(({ value, span }) => ({ bytes: new TextEncoder().encode(value), span }));
  if (!match.followChildren) {
    assert(operator !== 'postfix' || values.every(fitsTail), 'the parser knows how much of a binary is kept');
    const memoryFiles = values.filter((_, index) => negated && match.values[index]?.value.startsWith(MEMORY_FILE));
    return { kind: 'binary', operator, negated, values, memoryFiles, inSet: undefined, span: match.span };
  }
  return followTest(followedBinaries(match), negated, match.span, scope);
}

/** Equal lists have equal keys. */
export function followedBinaries({ values }: BinaryMatch): FollowRequest {
  const names = values.map(({ value }) => value).toSorted();
  const paths = values.map(({ value }) => new TextEncoder().encode(value));
  return { kind: 'binaries', key: JSON.stringify(['binaries', names]), paths };
}

function fitsTail({ bytes }: BytesValue): boolean {
  return bytes.length <= bound.binaryTail;
}

function followTest(
  list: FollowRequest,
  negated: boolean,
  span: Selector['span'],
  scope: Scope,
): FollowTest | undefined {
  const bit = scope.follow.bitOf(list);
  if (bit !== undefined) return { kind: 'follow', list: list.kind, bit, negated, span };
  scope.diagnostics.push(diagnostic('RF2106', span, { limit: bound.followMax }));
  return undefined;
}

function lowerPids(match: PidMatch, scope: Scope): PidTest | FollowTest | undefined {
  const { negated, inNamespace, span } = match;
  if (!match.followForks) return { kind: 'pid', inNamespace, negated, values: match.values, span };
  const pids = match.values.toSorted((a, b) => a - b);
  return followTest(
    { kind: 'pids', key: JSON.stringify(['pids', inNamespace, pids]), pids, inNamespace },
    negated,
    span,
    scope,
  );
}

const FIELDS: Readonly<Record<NamespaceKind, NamespaceField>> = {
  Uts: 'uts',
  Ipc: 'ipc',
  Mnt: 'mnt',
  Pid: 'pid',
  PidForChildren: 'pidForChildren',
  Net: 'net',
  Time: 'time',
  TimeForChildren: 'timeForChildren',
  Cgroup: 'cgroup',
  User: 'user',
};

function lowerNamespace({ namespace, negated, values, span }: NamespaceMatch, scope: Scope): NamespaceTest | undefined {
  const field = FIELDS[namespace];
  const numbers: number[] = [];
  for (const value of values) {
    const number = value === 'host' ? scope.hostNamespaces[field] : value;
    if (number !== undefined) numbers.push(number);
    else scope.diagnostics.push(diagnostic('RF2107', span, { namespace }));
  }
  return numbers.length < values.length ? undefined : { kind: 'namespace', field, negated, values: numbers, span };
}

/** PROC_USER_INIT_INO, include/linux/proc_ns.h. */
const INITIAL_USER_NAMESPACE = 0xefff_fffd;

function lowerCapability({ set, negated, inNamespace, mask, span }: CapabilityMatch): CapabilityTest {
  return {
    kind: 'capability',
    set,
    negated,
    mask,
    notInUserNamespace: inNamespace ? INITIAL_USER_NAMESPACE : undefined,
    span,
  };
}
