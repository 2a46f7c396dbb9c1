/** What a selector says, as a sentence: which processes, which values, what is done. */
import type {
  Action,
  ArgumentMatch,
  ArgumentOperator,
  ArgumentValue,
  BinaryMatch,
  CapabilityMatch,
  Hook,
  NamespaceMatch,
  PidMatch,
  Selector,
} from '#policy';
import { explainWorkload } from './explain-workload.ts';

/** Values that are written out; more are counted. */
const SHOWN = 3;

export function explainSelector(selector: Selector, hook: Hook): string {
  const conditions = [
    ...(selector.workloads === undefined ? [] : [`it is in ${explainWorkload(selector.workloads)}`]),
    ...(selector.binaries === undefined ? [] : [binaries(selector.binaries)]),
    ...selector.pids.map(pids),
    ...selector.namespaces.map(namespaces),
    ...selector.capabilities.map(capabilities),
    ...selector.arguments.map((match) => values(match, hook)),
  ];
  const when = conditions.length === 0 ? 'always' : `when ${conditions.join(', and ')}`;
  const done = `${when}: ${actions(selector.actions)}`;
  if (hook.kind !== 'kprobe' || !hook.returns) return `${done}.`;
  return `${done}, once the call has returned${atReturn(selector, hook)}.`;
}

function atReturn({ returnArguments, returnActions }: Selector, hook: Hook): string {
  const conditions = returnArguments.map((match) => values(match, hook)).join(', and ');
  const more = returnActions.filter((action) => action.kind !== 'post');
  const does = more.length === 0 ? '' : `; then ${actions(returnActions)}`;
  return conditions === '' ? does : `, if ${conditions}${does}`;
}

function list(shown: readonly string[], last = 'or'): string {
  const some = shown.slice(0, SHOWN);
  if (shown.length > SHOWN) return `${some.join(', ')} and ${shown.length - SHOWN} more`;
  const end = some.at(-1) ?? '';
  return some.length < 2 ? end : `${some.slice(0, -1).join(', ')} ${last} ${end}`;
}

const BINARY_WORDS: Readonly<Record<BinaryMatch['operator']['value'], string>> = {
  In: 'is',
  NotIn: 'is not',
  Prefix: 'begins with',
  NotPrefix: 'does not begin with',
  Postfix: 'ends with',
  NotPostfix: 'does not end with',
};

function binaries({ operator, values: written, followChildren }: BinaryMatch): string {
  const descends = followChildren ? ' (the processes that descend from it count too)' : '';
  return `the binary of the process ${BINARY_WORDS[operator.value]} ${list(written.map(({ value }) => value))}${descends}`;
}

function pids({ negated, values: numbers, inNamespace, followForks }: PidMatch): string {
  const where = inNamespace ? ' in its own namespace' : '';
  const descends = followForks ? ' (the processes that descend from it count too)' : '';
  return `the pid of the process${where} is ${negated ? 'not ' : ''}${list(numbers.map(String))}${descends}`;
}

function namespaces({ namespace, negated, values: numbers }: NamespaceMatch): string {
  const named = numbers.map((value) => (value === 'host' ? 'that of the host' : String(value)));
  return `its ${namespace} namespace is ${negated ? 'not ' : ''}${list(named)}`;
}

function capabilities({ set, negated, inNamespace, mask }: CapabilityMatch): string {
  const bits = [...Array(64).keys()].filter((bit) => (mask >> BigInt(bit)) % 2n === 1n);
  const elsewhere = inNamespace ? ', in another user namespace than that of the host' : '';
  const names = list(bits.map((bit) => `capability ${bit}`));
  return `${negated ? 'none' : 'any'} of ${names} is in its ${set.toLowerCase()} set${elsewhere}`;
}

const WORDS: Readonly<Record<ArgumentOperator, string>> = {
  Equal: 'is',
  NotEqual: 'is not',
  Prefix: 'begins with',
  NotPrefix: 'does not begin with',
  Postfix: 'ends with',
  NotPostfix: 'does not end with',
  GT: 'is greater than',
  LT: 'is less than',
  InRange: 'is in',
  NotInRange: 'is not in',
  InMap: 'is one of',
  NotInMap: 'is none of',
  Mask: 'has a bit of',
  SAddr: 'comes from address',
  NotSAddr: 'does not come from address',
  DAddr: 'goes to address',
  NotDAddr: 'does not go to address',
  SPort: 'has source port',
  NotSPort: 'has another source port than',
  DPort: 'has destination port',
  NotDPort: 'has another destination port than',
  SPortPriv: 'has a privileged source port',
  NotSportPriv: 'has no privileged source port',
  DPortPriv: 'has a privileged destination port',
  NotDPortPriv: 'has no privileged destination port',
  Protocol: 'has protocol',
  Family: 'is of address family',
  State: 'is in state',
};

function values(match: ArgumentMatch, hook: Hook): string {
  const operator = match.operator.value;
  const subject = subjectOf(match.argument, hook);
  if (operator.endsWith('Priv')) return `${subject} ${WORDS[operator]}`;
  return `${subject} ${WORDS[operator]} ${list(match.values.map(textOf))}`;
}

function subjectOf(position: number, hook: Hook): string {
  const argument = hook.arguments[position];
  if (position < 0 || argument === undefined) return 'the result';
  const { label, type, index } = argument;
  const name = label === undefined ? '' : ` "${label}"`;
  return `argument ${index.value}${name}${type.value === 'auto' ? '' : ` (${type.value})`}`;
}

function textOf(value: ArgumentValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.text);
    case 'integer':
      return String(value.value);
    case 'range':
      return value.minimum === value.maximum ? String(value.minimum) : `${value.minimum} to ${value.maximum}`;
    case 'syscall':
      return value.width === 32 ? `${value.name} (32 bits)` : value.name;
    case 'address':
      return `${addressText(value.version, value.bytes)}/${value.prefixLength}`;
  }
}

function addressText(version: 4 | 6, bytes: Uint8Array): string {
  if (version === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}

function actions(done: readonly Action[]): string {
  const posts = done.some((action) => action.kind === 'nopost') ? 'say nothing' : 'tell of it';
  return list([...done.flatMap(actionText), posts], 'and');
}

function actionText(action: Action): readonly string[] {
  switch (action.kind) {
    case 'sigkill':
      return ['kill the process'];
    case 'signal':
      return [`send it signal ${action.signal}`];
    case 'override':
      return [`deny the call with error ${action.error}`];
    default:
      return [];
  }
}
