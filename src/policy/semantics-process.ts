/** The filters of a selector on the calling process. */
import {
  type BinaryMatch,
  type CapabilityMatch,
  MEMORY_FILE,
  type NamespaceMatch,
  type PidMatch,
  type Selector,
} from './model.ts';
import { type Answer, all, answer, any, none } from './semantics-answer.ts';
import type { Namespaces, ObservedProcess } from './semantics-observation.ts';
import { equal, textPart } from './semantics-text.ts';

/** Entries of one filter are ANDed as filters are. */
export function processAnswer(selector: Selector, process: ObservedProcess, hostNamespaces: Namespaces): Answer {
  return all([
    ...(selector.binaries === undefined ? [] : [binaryAnswer(selector.binaries, process)]),
    ...selector.pids.map((match) => pidAnswer(match, process)),
    ...selector.namespaces.map((match) => namespaceAnswer(match, process, hostNamespaces)),
    ...selector.capabilities.map((match) => capabilityAnswer(match, process, hostNamespaces)),
  ]);
}

/**
 * A thread of the kernel has no executable: it is in no list. An executable that is elsewhere is in the lists that have
 * its path, but for those of exceptions: there it is none of those that are meant, unless they are memory files.
 */
export function binaryAnswer({ operator, values, followChildren }: BinaryMatch, process: ObservedProcess): Answer {
  const texts = values.map(({ value }) => value);
  const isIn = (path: Uint8Array, names: readonly string[]): Answer =>
    answer(names.some((name) => hasPart(path, new TextEncoder().encode(name), operator.value)));
  const isNegated = operator.value.startsWith('Not');
  const isExcepted = isNegated && !followChildren && process.isElsewhere === true;
  const meant = isExcepted ? texts.filter((text) => text.startsWith(MEMORY_FILE)) : texts;
  const answers = [
    process.binary === 'unreadable' ? 'unknown' : isIn(process.binary, meant),
    ...(followChildren ? process.descent.binaries.map((path) => isIn(path, texts)) : []),
  ] as const;
  return isNegated ? none(answers) : any(answers);
}

function hasPart(path: Uint8Array, name: Uint8Array, operator: string): boolean {
  switch (textPart(operator)) {
    case 'whole':
      return equal(path, name);
    case 'start':
      return equal(path.subarray(0, name.length), name);
    case 'end':
      return equal(path.subarray(Math.max(0, path.length - name.length)), name);
  }
}

/** With followForks the state that is kept with the process answers, which is always there. */
export function pidAnswer(
  { negated, values, inNamespace, followForks }: PidMatch,
  { descent, subject }: ObservedProcess,
): Answer {
  if (followForks) {
    const pids = inNamespace ? descent.namespacePids : descent.pids;
    return answer(pids.some((pid) => values.includes(pid)) !== negated);
  }
  if (subject === 'unreadable') return 'unknown';
  return answer(values.includes(inNamespace ? subject.namespacePid : subject.pid) !== negated);
}

export function namespaceAnswer(
  { namespace, negated, values }: NamespaceMatch,
  { subject }: ObservedProcess,
  hostNamespaces: Namespaces,
): Answer {
  if (subject === 'unreadable') return 'unknown';
  const inode = subject.namespaces[namespace];
  const listed = values.some((value) => inode === (value === 'host' ? hostNamespaces[namespace] : value));
  return answer(listed !== negated);
}

/** With isNamespaceCapability a capability in the user namespace of process 1 is not considered: no match, either way. */
export function capabilityAnswer(
  { set, negated, inNamespace, mask }: CapabilityMatch,
  { subject }: ObservedProcess,
  hostNamespaces: Namespaces,
): Answer {
  if (subject === 'unreadable') return 'unknown';
  if (inNamespace && subject.namespaces.User === hostNamespaces.User) return 'no';
  const has = (subject.capabilities[set] & mask) !== 0n;
  return answer(has !== negated);
}
