/** What an agent begins with: the files that it was given, and what earlier agents were told to keep. */
import { type Diagnostic, hasErrors } from '#diagnostics';
import { type Policy, type PolicyFile, parsePolicyFiles } from '#policy';
import { entryOf, isWanted, keyOf, type PolicyEntry, restore } from './policy-entry.ts';
import type { Installed } from './policy-sensor.ts';
import { fileNameOf, type StoredPolicy, type StoreProblem } from './policy-store.ts';
import { textsOf } from './policy-text.ts';
import { findRefused } from './refusal.ts';

/** With an error in a file nothing is loaded; a kept policy that is refused leaves the others alone. */
export type Started = Installed & { readonly problems: readonly StoreProblem[] };

export type StartOptions = {
  readonly stored: readonly StoredPolicy[];
  /** What is wrong with these policies, loaded together; warnings too. */
  readonly diagnosticsOf: (policies: readonly Policy[]) => readonly Diagnostic[];
  readonly policyMax: number;
};

export type Start =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'ready';
      readonly entries: ReadonlyMap<string, PolicyEntry>;
      readonly diagnostics: readonly Diagnostic[];
      readonly problems: readonly StoreProblem[];
    };

/** Files come first: of two policies of one name it is theirs that counts. */
export function startingEntries(files: readonly PolicyFile[], options: StartOptions): Start {
  const { diagnostics } = parsePolicyFiles(files);
  if (hasErrors(diagnostics)) return { kind: 'refused', diagnostics };
  const kept = new Map(options.stored.map((stored) => [keyOf(stored), stored]));
  const fromFiles = files.flatMap((file) => entriesOf(file, kept));
  const found = options.diagnosticsOf(policiesOf(fromFiles));
  if (hasErrors(found)) return { kind: 'refused', diagnostics: [...diagnostics, ...found] };
  const { restored, problems } = restoreBeside(fromFiles, options);
  const checked = refuseWhatDoesNotFit(fromFiles, restored, options);
  const refusals = checked.flatMap(({ refusal }) => refusal ?? []);
  const entries = new Map([...fromFiles, ...checked].map((entry) => [keyOf(entry), entry]));
  return { kind: 'ready', entries, diagnostics: [...diagnostics, ...refusals], problems };
}

function entriesOf({ text, file }: PolicyFile, kept: ReadonlyMap<string, StoredPolicy>): readonly PolicyEntry[] {
  const { policies } = parsePolicyFiles([{ text, file }]);
  const texts = textsOf(text, policies);
  return policies.map((policy, index) => {
    const state = kept.get(keyOf(policy));
    const own = state?.text === undefined ? state : undefined;
    return entryOf(policy, texts[index] ?? text, 'file', { enabled: own?.enabled ?? true, mode: own?.mode });
  });
}

function restoreBeside(fromFiles: readonly PolicyEntry[], { stored, policyMax }: StartOptions) {
  const byKey = new Map(fromFiles.map((entry) => [keyOf(entry), entry]));
  const restored: PolicyEntry[] = [];
  const problems: StoreProblem[] = [];
  for (const each of stored) {
    const reason = obstacle(each, byKey.get(keyOf(each)), fromFiles.length + restored.length < policyMax);
    if (reason !== undefined) problems.push({ path: fileNameOf(each), reason });
    else if (each.text !== undefined) restored.push(restore(each, each.text));
  }
  return { restored, problems };
}

function obstacle({ text, source }: StoredPolicy, file: PolicyEntry | undefined, hasRoom: boolean): string | undefined {
  if (text === undefined) {
    return file === undefined ? `the policy whose state it keeps is no longer in ${source}` : undefined;
  }
  if (file !== undefined) return `${file.source} has a policy of that name, which comes first`;
  return hasRoom ? undefined : 'too many policies are there';
}

/** Of policies that do not go together, those that are first are kept. */
function refuseWhatDoesNotFit(
  fromFiles: readonly PolicyEntry[],
  restored: readonly PolicyEntry[],
  { diagnosticsOf }: StartOptions,
): readonly PolicyEntry[] {
  const refused = findRefused(restored.filter(isWanted), (some) => {
    const errors = diagnosticsOf(policiesOf([...fromFiles, ...some])).filter(({ severity }) => severity === 'error');
    return errors.length === 0 ? undefined : errors;
  });
  const reasons = new Map(refused.map(({ member, reason }) => [member, reason]));
  return restored.map((entry) => {
    const refusal = reasons.get(entry);
    return refusal === undefined ? entry : { ...entry, refusal };
  });
}

function policiesOf(entries: readonly PolicyEntry[]): readonly Policy[] {
  return entries.filter(isWanted).flatMap(({ policy }) => policy ?? []);
}
