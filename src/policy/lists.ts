/** The named lists of a policy: what they hold, and who refers to them. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import { valuesMax } from './locate.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { ArgumentType, SyscallValue } from './model.ts';
import { withoutRepeats } from './possible-values.ts';
import { limits } from './schema.ts';
import { adviceOf, shorten } from './schema-errors.ts';
import { readSyscallName, type SyscallName } from './syscall-name.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';

const referencePrefix = 'list:';

/** `other`: of a type that is not supported yet, and already reported. */
type ListKind = 'syscalls' | 'symbols' | 'other';

export type NamedList = {
  readonly kind: ListKind;
  readonly name: string;
  readonly span: Span;
  readonly values: readonly LocatedScalar[];
  /** What the values stand for, in a list of system calls. */
  readonly systemCalls: readonly SyscallValue[];
};

export function isListReference(text: string): boolean {
  return text.startsWith(referencePrefix);
}

export class Lists {
  readonly #byName = new Map<string, NamedList>();
  readonly #used = new Set<string>();
  readonly #combinations = new Map<string, readonly SyscallValue[]>();
  /** How many values the combinations have. */
  #combined = 0;

  constructor(spec: Located, findings: Findings) {
    for (const item of itemsOf(spec, 'lists')) {
      const list = readList(item, findings);
      const earlier = this.#byName.get(list.name);
      if (earlier === undefined) this.#byName.set(list.name, list);
      else findings.report('RF1221', list.span, { name: shorten(list.name), line: earlier.span.line });
    }
  }

  /** The list that `list:NAME` names. */
  named(reference: LocatedScalar, findings: Findings): NamedList | undefined {
    const name = reference.written.slice(referencePrefix.length);
    this.#used.add(name);
    const list = this.#byName.get(name);
    if (list !== undefined) return list;
    return findings.report('RF1220', reference.span, () => {
      return { name: shorten(name), advice: adviceOf(name, [...this.#byName.keys()], 'lists of this policy') };
    });
  }

  /** The system calls of all lists that a filter refers to; one list is shared by all filters that refer to it. */
  systemCalls(references: readonly LocatedScalar[], type: ArgumentType, findings: Findings): readonly SyscallValue[] {
    const lists = withoutRepeats(references, (reference) => reference.written, findings).flatMap((reference) => {
      return this.#systemCallsOf(reference, type, findings) ?? [];
    });
    const [first, ...others] = lists;
    if (first === undefined || others.length === 0) return first?.systemCalls ?? [];
    return this.#together(lists, references[0]?.span, findings);
  }

  /** Filters that name the same lists share their values; what all combinations add up to is bounded. */
  #together(lists: readonly NamedList[], span: Span | undefined, findings: Findings): readonly SyscallValue[] {
    const key = JSON.stringify(lists.map((list) => list.name));
    const known = this.#combinations.get(key);
    if (known !== undefined) return known;
    const count = lists.reduce((sum, list) => sum + list.systemCalls.length, 0);
    const checks = [
      { field: 'values', count, limit: limits.values },
      { field: 'the combination of lists', count: this.#combined + count, limit: valuesMax },
    ];
    const passed = checks.find((check) => check.count > check.limit);
    if (passed !== undefined) findings.report('RF1108', span, passed);
    this.#combined += count;
    const calls = passed === undefined ? lists.flatMap((list) => list.systemCalls) : [];
    const different = [...new Map(calls.map((call) => [`${call.width}/${call.name}`, call])).values()];
    this.#combinations.set(key, different);
    return different;
  }

  #systemCallsOf(reference: LocatedScalar, type: ArgumentType, findings: Findings): NamedList | undefined {
    if (!isListReference(reference.written)) {
      return findings.report('RF1316', reference.span, { value: shorten(reference.written) });
    }
    const list = this.named(reference, findings);
    if (list === undefined || list.kind === 'other') return undefined;
    const { name } = list;
    if (list.kind === 'symbols') return findings.report('RF1225', reference.span, { name: shorten(name) });
    if (type !== 'syscall64') return findings.report('RF1322', reference.span, { type });
    return list;
  }

  reportUnused(findings: Findings): void {
    for (const { name, span } of this.#byName.values()) {
      if (!this.#used.has(name)) findings.report('RF1223', span, { name: shorten(name) });
    }
  }
}

function readList(item: Located, findings: Findings): NamedList {
  const nameScalar = scalarOf(item, 'name');
  const name = nameScalar?.written ?? '';
  const span = nameScalar?.span ?? item.span;
  const kind = listKind(item, findings);
  const written = itemsOf(item, 'values').filter((value) => value.kind === 'scalar');
  if (kind !== 'other' && written.length === 0) findings.report('RF1222', span, { name: shorten(name) });
  if (kind !== 'syscalls') {
    const values = withoutRepeats(written, (value) => value.written, findings);
    return { kind, name, span, values, systemCalls: [] };
  }
  const known = written.flatMap((value) => listedCall(value, findings) ?? []);
  const calls = withoutRepeats(known, ({ call }) => `${call.width}/${call.name}`, findings);
  return {
    kind,
    name,
    span,
    values: calls.map((each) => each.value),
    systemCalls: calls.map(({ call, span: at }) => ({ kind: 'syscall', name: call.name, width: call.width, span: at })),
  };
}

function listKind(item: Located, findings: Findings): ListKind {
  const type = scalarOf(item, 'type');
  if (type?.written.startsWith('generated_')) {
    const what = `the list type ${type.written}`;
    findings.report('RF1203', type.span, { what, instead: insteadOf.listType });
    return 'other';
  }
  reportUnsupportedFields(item, 'list', findings);
  return type?.written === 'syscalls' ? 'syscalls' : 'symbols';
}

type ListedCall = { readonly call: SyscallName; readonly value: LocatedScalar; readonly span: Span };

function listedCall(value: LocatedScalar, findings: Findings): ListedCall | undefined {
  const call = readSyscallName(value.written);
  if (call === undefined) return findings.report('RF1224', value.span, { value: shorten(value.written) });
  return { call, value, span: value.span };
}
