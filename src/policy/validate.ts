/** The meaning of a document whose form is right: a policy that can be compiled, and everything that is wrong with it. */
import { type Diagnostic, hasErrors, type Span } from '#diagnostics';
import { annotationsOf, warnOfIdleBudget } from './annotations.ts';
import { Findings } from './findings.ts';
import { Lists } from './lists.ts';
import { entryOf, itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { Hook, Policy, PolicyFile } from './model.ts';
import { optionsOf } from './options.ts';
import { limits } from './schema.ts';
import { shorten } from './schema-errors.ts';
import { reportUnsupportedFields } from './unsupported.ts';
import { validateLsmHook, validateTracepoint } from './validate-hook.ts';
import { validateKprobe } from './validate-kprobe.ts';
import { nodeSelectorOf } from './validate-nodes.ts';
import { policyScope } from './validate-workloads.ts';
import { warnAboutHooks } from './warnings.ts';

/** The policy is complete only when none of the diagnostics is an error. */
export type Validation = { readonly policy: Policy; readonly diagnostics: readonly Diagnostic[] };

export function validatePolicy(document: Located, { file, text }: PolicyFile): Validation {
  const findings = new Findings();
  const metadata = entryOf(document, 'metadata')?.value;
  const spec = entryOf(document, 'spec')?.value ?? document;
  const name = scalarOf(metadata, 'name');
  checkDnsName(name, 'policy', 253, findings);
  const namespace = namespaceOf(document, metadata, findings);
  const { canary, fileIdentity, killBudget } = annotationsOf(metadata, findings);
  const scope = policyScope(spec, namespace, findings);
  const nodeSelector = nodeSelectorOf(spec, findings);
  reportUnsupportedFields(spec, 'spec', findings);
  checkSections(spec, findings);
  const mode = optionsOf(spec, findings);
  const entries = validateHooks(spec, namespace !== undefined, findings);
  const hooks = entries.flat();
  const span = name?.span ?? document.span;
  const policy: Policy = {
    ...{ name: name?.written ?? '', namespace: namespace?.name, span, mode, fileIdentity, killBudget, scope, hooks },
    ...{ nodeSelector, canary, source: file, text },
  };
  // What is wrong was left out of the hooks: what is left would be warned about for the wrong reason.
  const different = entries.flatMap((each) => each[0] ?? []);
  if (!hasErrors(findings.diagnostics)) {
    warnAboutHooks(different, policy, findings);
    if (killBudget !== undefined) warnOfIdleBudget(metadata, hooks, findings);
  }
  return { policy, diagnostics: findings.diagnostics };
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function checkDnsName(name: LocatedScalar | undefined, what: string, limit: number, findings: Findings): void {
  if (name === undefined) return;
  if (name.written.length <= limit && dnsSubdomain.test(name.written)) return;
  findings.report('RF1110', name.span, { value: shorten(name.written), what, limit });
}

type Namespace = { readonly name: string; readonly span: Span };

/** Undefined of a policy that is about the whole cluster. */
function namespaceOf(document: Located, metadata: Located | undefined, findings: Findings): Namespace | undefined {
  const kind = scalarOf(document, 'kind');
  const namespace = scalarOf(metadata, 'namespace');
  if (kind?.value !== 'TracingPolicyNamespaced') {
    if (namespace !== undefined) findings.report('RF1111', namespace.span);
    return undefined;
  }
  checkDnsName(namespace, 'namespace', 63, findings);
  return { name: namespace?.written ?? 'default', span: (namespace ?? kind).span };
}

const sections = ['kprobes', 'fentries', 'tracepoints', 'lsmhooks', 'uprobes', 'usdts'] as const;

function checkSections(spec: Located, findings: Findings): void {
  const [first, ...others] = sections.filter((section) => itemsOf(spec, section).length > 0);
  if (first === undefined && scalarOf(spec, 'loader')?.value !== true) findings.report('RF1202', spec.span);
  for (const second of others) {
    const entry = entryOf(spec, second);
    if (entry !== undefined && first !== undefined) findings.report('RF1201', entry.key, { first, second });
  }
}

/** The hooks of each entry, in the order of the file: those of one entry differ by nothing but their names. */
function validateHooks(spec: Located, namespaced: boolean, findings: Findings): readonly (readonly Hook[])[] {
  const context = { lists: new Lists(spec, findings), namespaced, findings };
  const entries = [
    ...itemsOf(spec, 'lsmhooks').map((hook) => [validateLsmHook(hook, context)]),
    ...itemsOf(spec, 'tracepoints').map((hook) => [validateTracepoint(hook, context)]),
    ...itemsOf(spec, 'kprobes').map((hook) => validateKprobe(hook, context)),
  ];
  context.lists.reportUnused(findings);
  const count = entries.reduce((sum, hooks) => sum + hooks.length, 0);
  if (count > limits.hooks) {
    const field = 'kprobes, with the lists that they name,';
    findings.report('RF1108', entryOf(spec, 'kprobes')?.key, { field, count, limit: limits.hooks });
  }
  return entries;
}
