/** What an agent begins with: the files that it was given, and what earlier agents were told to keep. */
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { ParseResult, Policy, PolicyFile } from '#policy';
import { type Entries, entryOf, keyOf, type PolicyEntry, restore } from './policy-entry.ts';
import type { Installed } from './policy-sensor.ts';
import { fileNameOf, type StoredPolicy, type StoreProblem } from './policy-store.ts';
import { textsOf } from './policy-text.ts';

/** With an error in a file nothing is loaded; a kept policy that is refused leaves the others alone. */
export type Started = Installed & { readonly problems: readonly StoreProblem[] };

export type StartOptions = {
  readonly stored: readonly StoredPolicy[];
  readonly policyMax: number;
};

export type Start =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'ready';
      readonly entries: Entries;
      /** Of these, those that the agent is not started without. */
      readonly fromFiles: Entries;
      readonly diagnostics: readonly Diagnostic[];
      readonly problems: readonly StoreProblem[];
    };

/** Files come first: of two policies of one name it is theirs that counts. */
export function startingEntries(files: readonly PolicyFile[], parsed: ParseResult, options: StartOptions): Start {
  const { policies, diagnostics } = parsed;
  if (hasErrors(diagnostics)) return { kind: 'refused', diagnostics };
  const kept = new Map(options.stored.map((stored) => [keyOf(stored), stored]));
  const fromFiles = files.flatMap(({ text, file }) => {
    const own = policies.filter(({ source }) => source === file);
    return entriesOf(text, own, kept);
  });
  const { restored, problems } = restoreBeside(fromFiles, options);
  const refusals = restored.flatMap(({ refusal }) => refusal ?? []);
  return {
    kind: 'ready',
    entries: byKey([...fromFiles, ...restored]),
    fromFiles: byKey(fromFiles),
    diagnostics: [...diagnostics, ...refusals],
    problems,
  };
}

function byKey(entries: readonly PolicyEntry[]): Entries {
  return new Map(entries.map((entry) => [keyOf(entry), entry]));
}

function entriesOf(
  text: string,
  policies: readonly Policy[],
  kept: ReadonlyMap<string, StoredPolicy>,
): readonly PolicyEntry[] {
  const texts = textsOf(text, policies);
  return policies.map((policy, index) => {
    const state = kept.get(keyOf(policy));
    const own = state?.text === undefined ? state : undefined;
    const known = { enabled: own?.enabled ?? true, mode: own?.mode };
    return entryOf(policy, texts[index] ?? text, { origin: 'file', ...known });
  });
}

function restoreBeside(fromFiles: readonly PolicyEntry[], { stored, policyMax }: StartOptions) {
  const files = byKey(fromFiles);
  const restored: PolicyEntry[] = [];
  const problems: StoreProblem[] = [];
  for (const each of stored) {
    const reason = obstacle(each, files.get(keyOf(each)), fromFiles.length + restored.length < policyMax);
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
