/** Text to policies: read the YAML, check its form, check its meaning; whatever is wrong is said at once. */
import { type Diagnostic, diagnostic, hasErrors, place } from '#diagnostics';
import { type Located, scalarOf } from './located.ts';
import type { ParseResult, Policy, PolicyFile } from './model.ts';
import { nearest } from './nearest.ts';
import { readYaml } from './read-yaml.ts';
import { apiVersion, kinds } from './schema.ts';
import { checkForm, shorten } from './schema-errors.ts';
import { validatePolicy } from './validate.ts';

/** Per file, and more than a person reads at once; the last says that there are more. */
const diagnosticsMax = 100;

/** Parses one file of one or several documents. */
export function parsePolicies(text: string, file: string): ParseResult {
  return parsePolicyFiles([{ text, file }]);
}

/** Parses files that are loaded together: a name that two of their policies have is an error too. */
export function parsePolicyFiles(files: readonly PolicyFile[]): ParseResult {
  const policies: Policy[] = [];
  const diagnostics: Diagnostic[] = [];
  const byIdentity = new Map<string, Policy>();
  for (const { text, file } of files) {
    const parsed = parseFile(text, file);
    diagnostics.push(...parsed.diagnostics);
    for (const policy of parsed.policies) {
      const identity = `${policy.namespace ?? ''}/${policy.name}`;
      const first = byIdentity.get(identity);
      if (first === undefined) {
        byIdentity.set(identity, policy);
        policies.push(policy);
      } else {
        diagnostics.push(diagnostic('RF1114', policy.span, { name: policy.name, first: place(first.span) }));
      }
    }
  }
  return { policies, diagnostics };
}

function parseFile(text: string, file: string): ParseResult {
  const { documents, diagnostics: yamlDiagnostics } = readYaml(text, file);
  const policies: Policy[] = [];
  const diagnostics = [...yamlDiagnostics];
  if (documents.length === 0 && diagnostics.length === 0) diagnostics.push(nothingIn(file));
  for (const document of documents) {
    const parsed = parseDocument(document, { file, text });
    diagnostics.push(...parsed.diagnostics);
    policies.push(...parsed.policies);
  }
  return { policies, diagnostics: bounded(diagnostics) };
}

function nothingIn(file: string): Diagnostic {
  return diagnostic('RF1016', { file, line: 1, column: 1, endLine: 1, endColumn: 1, text: '' });
}

function parseDocument(document: Located, file: PolicyFile): ParseResult {
  const foreign = checkKind(document);
  if (foreign !== undefined) return { policies: [], diagnostics: [foreign] };
  const formDiagnostics = checkForm(document);
  if (formDiagnostics.length > 0) return { policies: [], diagnostics: formDiagnostics };
  const { policy, diagnostics } = validatePolicy(document, file);
  return { policies: hasErrors(diagnostics) ? [] : [policy], diagnostics };
}

/** Another kind of object has other fields: naming each of them as unknown would help nobody. */
function checkKind(document: Located): Diagnostic | undefined {
  const kind = scalarOf(document, 'kind');
  const version = scalarOf(document, 'apiVersion');
  if (kind !== undefined && kind.value !== null && !(kinds as readonly unknown[]).includes(kind.value)) {
    return diagnostic('RF1101', kind.span, { kind: shorten(kind.written), advice: kindAdvice(kind.written) });
  }
  if (version !== undefined && version.value !== null && version.value !== apiVersion) {
    return diagnostic('RF1102', version.span, { version: shorten(version.written) });
  }
  return undefined;
}

function kindAdvice(kind: string): string {
  if (kind === 'List') return 'write each policy as a document of its own, separated by "---"';
  const near = nearest(kind, kinds);
  return near === undefined ? `kinds of policies: ${kinds.join(', ')}` : `did you mean ${near}?`;
}

/** In the order of the text; of too many, errors stay: a warning must not push the reason of a refusal out of sight. */
function bounded(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const position = ({ span }: Diagnostic): number => (span === undefined ? 0 : span.line * 1_000_000 + span.column);
  const byPosition = diagnostics.toSorted((a, b) => position(a) - position(b));
  if (byPosition.length <= diagnosticsMax) return byPosition;
  const byWeight = byPosition.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
  const shown = byWeight.slice(0, diagnosticsMax - 1);
  return [...shown, diagnostic('RF1017', shown.at(-1)?.span, { shown: shown.length })];
}
