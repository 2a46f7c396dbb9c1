/** The filters on the calling process: its binary, its pid, its namespaces, its capabilities. */
import { capabilities } from './capability-names.ts';
import type { Findings } from './findings.ts';
import { reportUnknownName } from './integer-values.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import {
  type BinaryMatch,
  type CapabilityMatch,
  type CapabilitySetName,
  capabilitySetNames,
  type NamespaceKind,
  type NamespaceMatch,
  namespaceKinds,
  type PidMatch,
} from './model.ts';
import { numberOfName } from './named-numbers.ts';
import { withoutRepeats } from './possible-values.ts';
import { shorten } from './schema-errors.ts';
import { binaryValues } from './text-values.ts';

const binaryOperators = ['In', 'NotIn', 'Prefix', 'NotPrefix', 'Postfix', 'NotPostfix'] as const;

export function binaryMatch(filter: Located, findings: Findings): BinaryMatch | undefined {
  const operator = scalarOf(filter, 'operator');
  const value = binaryOperators.find((each) => each === operator?.value);
  if (operator === undefined || value === undefined) return undefined;
  const { span } = operator;
  const followChildren = scalarOf(filter, 'followChildren');
  const follows = followChildren?.value === true;
  if (follows && value !== 'In' && value !== 'NotIn') {
    findings.report('RF1332', followChildren.span, { operator: value });
  }
  if (writtenValues(filter, operator, findings) === undefined) return undefined;
  const values = binaryValues(filter, value, findings);
  return { operator: { value, span }, values, followChildren: follows, span: filter.span };
}

/** The values of a filter, undefined and reported when there are none. */
function writtenValues(
  filter: Located,
  operator: LocatedScalar,
  findings: Findings,
): readonly LocatedScalar[] | undefined {
  const values = itemsOf(filter, 'values').filter((item) => item.kind === 'scalar');
  return values.length > 0 ? values : findings.report('RF1305', operator.span, { operator: operator.written });
}

const pidMax = 4_194_304; // PID_MAX_LIMIT, include/linux/threads.h

export function pidMatch(filter: Located, findings: Findings): PidMatch | undefined {
  const operator = scalarOf(filter, 'operator');
  const written = operator === undefined ? undefined : writtenValues(filter, operator, findings);
  if (operator === undefined || written === undefined) return undefined;
  for (const value of written) {
    if (Number(value.value) > pidMax) {
      findings.report('RF1307', value.span, { value: value.written, type: 'pid', minimum: 0, maximum: pidMax });
    }
  }
  return {
    negated: operator.value === 'NotIn',
    values: withoutRepeats(written, (value) => String(value.value), findings).map((value) => Number(value.value)),
    inNamespace: scalarOf(filter, 'isNamespacePID')?.value === true,
    followForks: scalarOf(filter, 'followForks')?.value === true,
    span: filter.span,
  };
}

export function namespaceMatch(filter: Located, findings: Findings): NamespaceMatch | undefined {
  const namespace = namespaceKinds.find((kind): kind is NamespaceKind => kind === scalarOf(filter, 'namespace')?.value);
  const operator = scalarOf(filter, 'operator');
  const written = operator === undefined ? undefined : writtenValues(filter, operator, findings);
  if (namespace === undefined || operator === undefined || written === undefined) return undefined;
  return {
    namespace,
    negated: operator.value === 'NotIn',
    values: withoutRepeats(written, (value) => value.written, findings).flatMap(
      (value) => inode(value, findings) ?? [],
    ),
    span: filter.span,
  };
}

/** The number that `readlink /proc/PID/ns/KIND` shows. */
function inode(value: LocatedScalar, findings: Findings): number | 'host' | undefined {
  if (value.written === 'host_ns') return 'host';
  const number = /^(0|[1-9]\d{0,9})$/.test(value.written) ? Number(value.written) : Number.NaN;
  if (number <= 0xffff_ffff) return number;
  return findings.report('RF1325', value.span, {
    value: `"${shorten(value.written)}"`,
    what: 'namespace',
    advice: 'write host_ns, or the number that "readlink /proc/self/ns/pid" shows in brackets',
  });
}

export function capabilityMatch(filter: Located, findings: Findings): CapabilityMatch | undefined {
  const operator = scalarOf(filter, 'operator');
  const written = operator === undefined ? undefined : writtenValues(filter, operator, findings);
  if (operator === undefined || written === undefined) return undefined;
  const type = scalarOf(filter, 'type')?.value ?? 'Effective';
  const bits = written.flatMap((value) => capabilityBit(value, findings) ?? []);
  const different = withoutRepeats(bits, ({ bit }) => nameOf(bit), findings);
  return {
    set: capabilitySetNames.find((name): name is CapabilitySetName => name === type) ?? 'Effective',
    negated: operator.value === 'NotIn',
    inNamespace: scalarOf(filter, 'isNamespaceCapability')?.value === true,
    mask: different.reduce((mask, { bit }) => mask | (1n << BigInt(bit)), 0n),
    span: filter.span,
  };
}

type Bit = { readonly bit: number } & Pick<LocatedScalar, 'span'>;

function capabilityBit(value: LocatedScalar, findings: Findings): Bit | undefined {
  const bit = numberOfName(capabilities, value.written.trim());
  if (bit !== undefined) return { bit, span: value.span };
  return reportUnknownName(value, value.written, capabilities, findings);
}

function nameOf(bit: number): string {
  return `CAP_${Object.keys(capabilities.names)[bit] ?? bit}`;
}
