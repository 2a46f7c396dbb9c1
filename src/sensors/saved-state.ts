/**
 * What the policies in the kernel are called: records say it by number, and are read by the next agent when this one is
 * killed. Written before the programs are attached, to a directory that ends with the boot, as the programs do.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mode, policyLayout } from '#abi';
import { EnvironmentError } from '#diagnostics';
import { replaceFile } from '#files';
import { type Policy, parsePolicies } from '#policy';
import type { SlotOwner } from './directory.ts';

/** Changes with the form of the file; what has another one is not read. */
const FORM = 3;

export type SavedState = {
  /** See PinnedLayout; policies in another layout have other slots. */
  readonly layout: string;
  readonly owners: readonly SlotOwner[];
  /** The bits that lists of followed processes have, by the key of the list. */
  readonly followBits: ReadonlyMap<string, number>;
  /** The same of workload selectors. */
  readonly scopeBits: ReadonlyMap<string, number>;
};

/** Where, in the memory of rf_policies, agents of any version find what is a policy's; see older-layout.ts. */
export type SlotPlaces = {
  /** Of one slot. */
  readonly bytes: number;
  /** Of 32 bits, from the beginning of the slot. */
  readonly incarnation: number;
  readonly mode: number;
  /** Of 64 bits. */
  readonly posted: number;
  /** Values of the mode. */
  readonly enforce: number;
  readonly off: number;
};

const OWN_PLACES: SlotPlaces = {
  ...{ bytes: policyLayout.bytes, incarnation: policyLayout.incarnation },
  ...{ mode: policyLayout.mode, posted: policyLayout.posted },
  ...{ enforce: mode.enforce, off: mode.off },
};

/** What of it an agent of any version reads: this part keeps its form. */
export type SavedSlots = {
  readonly places: SlotPlaces;
  readonly policies: readonly SavedSlot[];
};

export type SavedSlot = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly slot: number;
  readonly incarnation: number;
};

type Written = {
  readonly form: number;
  readonly places: SlotPlaces;
  readonly layout: string;
  readonly texts: readonly string[];
  readonly policies: readonly {
    readonly slot: number;
    readonly incarnation: number;
    readonly name: string;
    readonly namespace: string | null;
    readonly mode: Policy['mode'];
    readonly source: string;
    /** Index into texts: policies of one file share it. */
    readonly text: number;
  }[];
  readonly followBits: readonly (readonly [key: string, bit: number])[];
  readonly scopeBits: readonly (readonly [key: string, bit: number])[];
};

/** In the directory that ends with the boot, by the layout: an upgrade leaves that of the other version as it is. */
export function stateFileOf(run: string, layout: string): string {
  return join(run, `loaded-${layout}.json`);
}

/** Throws RF3104. */
export function writeState(path: string, { layout, owners, followBits, scopeBits }: SavedState): void {
  const texts = [...new Set(owners.map(({ policy }) => policy.text))];
  const policies = owners.map(({ policy, slot, incarnation }) => ({
    ...{ slot, incarnation, name: policy.name, namespace: policy.namespace ?? null, mode: policy.mode },
    ...{ source: policy.source, text: texts.indexOf(policy.text) },
  }));
  const bits = { followBits: [...followBits], scopeBits: [...scopeBits] };
  const written: Written = { form: FORM, places: OWN_PLACES, layout, texts, policies, ...bits };
  try {
    replaceFile(path, JSON.stringify(written));
  } catch (cause) {
    throw new EnvironmentError(
      'RF3104',
      { path, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

/**
 * Undefined when there is none for this layout, or it cannot be read: its policies are then told of by their slots,
 * until they are replaced.
 */
export function readState(path: string, layout: string): SavedState | undefined {
  const written = parse(path);
  if (written?.form !== FORM || written.layout !== layout) return undefined;
  const parsed = new Map<string, readonly Policy[]>();
  const owners = written.policies.flatMap(({ slot, incarnation, name, namespace, mode, source, text }) => {
    const file = `${text} ${source}`;
    const policies = parsed.get(file) ?? parsePolicies(written.texts[text] ?? '', source).policies;
    parsed.set(file, policies);
    const policy = policies.find((each) => each.name === name && (each.namespace ?? null) === namespace);
    return policy === undefined ? [] : [{ policy: { ...policy, mode }, slot, incarnation }];
  });
  return { layout, owners, followBits: new Map(written.followBits), scopeBits: new Map(written.scopeBits) };
}

/** Of whatever version; undefined when it is not known. */
export function readSlots(path: string, layout: string): SavedSlots | undefined {
  const written = parse(path);
  if (written?.layout !== layout) return undefined;
  const { places, policies } = written;
  if (!isPlaces(places) || !Array.isArray(policies)) return undefined;
  return {
    places,
    policies: policies.map(({ name, namespace, slot, incarnation }) => ({
      ...{ name: String(name), namespace: typeof namespace === 'string' ? namespace : undefined },
      ...{ slot: Number(slot), incarnation: Number(incarnation) },
    })),
  };
}

function isPlaces(places: unknown): places is SlotPlaces {
  const found: Readonly<Record<string, unknown>> = Object(places);
  return Object.keys(OWN_PLACES).every((place) => Number.isSafeInteger(found[place]));
}

function parse(path: string): Written | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Written;
  } catch {
    return undefined;
  }
}
