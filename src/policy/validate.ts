/** The meaning of a document whose form is right: a policy that can be compiled, and everything that is wrong with it. */
import { type Diagnostic, hasErrors } from '#diagnostics';
import { Findings } from './findings.ts';
import { entryOf, itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { FileIdentityMode, Policy, PolicyMode } from './model.ts';
import { adviceOf, shorten } from './schema-errors.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';
import { validateHook } from './validate-hook.ts';
import { warnAboutHook } from './warnings.ts';

export const fileIdentityAnnotation = 'ringfence.io/file-identity';

/** The policy is complete only when none of the diagnostics is an error. */
export type Validation = { readonly policy: Policy; readonly diagnostics: readonly Diagnostic[] };

export function validatePolicy(document: Located, file: string): Validation {
  const findings = new Findings();
  const metadata = entryOf(document, 'metadata')?.value;
  const spec = entryOf(document, 'spec')?.value ?? document;
  const name = scalarOf(metadata, 'name');
  checkDnsName(name, 'policy', 253, findings);
  const namespace = namespaceOf(document, metadata, findings);
  const fileIdentity = fileIdentityOf(metadata, findings);
  reportUnsupportedFields(spec, 'spec', findings);
  checkSections(spec, findings);
  const mode = modeOf(spec, findings);
  const hooks = itemsOf(spec, 'lsmhooks').map((hook) => validateHook(hook, findings));
  const span = name?.span ?? document.span;
  const policy: Policy = { name: name?.written ?? '', namespace, span, mode, fileIdentity, hooks, source: file };
  // What is wrong was left out of the hooks: what is left would be warned about for the wrong reason.
  if (!hasErrors(findings.diagnostics)) for (const hook of hooks) warnAboutHook(hook, policy, findings);
  return { policy, diagnostics: findings.diagnostics };
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function checkDnsName(name: LocatedScalar | undefined, what: string, limit: number, findings: Findings): void {
  if (name === undefined) return;
  if (name.written.length <= limit && dnsSubdomain.test(name.written)) return;
  findings.report('RF1110', name.span, { value: shorten(name.written), what, limit });
}

function namespaceOf(document: Located, metadata: Located | undefined, findings: Findings): string | undefined {
  const kind = scalarOf(document, 'kind');
  const namespace = scalarOf(metadata, 'namespace');
  if (kind?.value !== 'TracingPolicyNamespaced') {
    if (namespace !== undefined) findings.report('RF1111', namespace.span);
    return undefined;
  }
  findings.report('RF1203', kind.span, { what: 'TracingPolicyNamespaced', instead: insteadOf.kind });
  checkDnsName(namespace, 'namespace', 63, findings);
  const host = entryOf(entryOf(document, 'spec')?.value, 'hostSelector');
  if (host?.value.kind === 'map') findings.report('RF1113', host.key);
  return namespace?.written ?? 'default';
}

function fileIdentityOf(metadata: Located | undefined, findings: Findings): FileIdentityMode {
  const annotations = entryOf(metadata, 'annotations')?.value;
  if (annotations?.kind !== 'map') return 'path';
  for (const [annotation, { key }] of annotations.entries) {
    const isOurs = annotation.startsWith('ringfence.io/');
    if (isOurs && annotation !== fileIdentityAnnotation) findings.report('RF1206', key, { annotation });
  }
  const value = scalarOf(annotations, fileIdentityAnnotation);
  if (value === undefined || value.written === 'path') return 'path';
  if (value.written === 'inode') return 'inode';
  findings.report('RF1205', value.span, {
    value: shorten(value.written),
    name: fileIdentityAnnotation,
    allowed: 'inode or path',
  });
  return 'path';
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

/** Options of the language that have no effect here yet. */
const otherOptions = [
  'override-method',
  'disable-kprobe-multi',
  'disable-uprobe-multi',
  'sleepable-preload-size',
] as const;

function modeOf(spec: Located, findings: Findings): PolicyMode {
  let mode: PolicyMode | undefined;
  for (const option of itemsOf(spec, 'options')) {
    const name = scalarOf(option, 'name');
    if (name === undefined) continue;
    if (name.value === 'policy-mode') {
      if (mode !== undefined) findings.report('RF1210', name.span, { option: 'policy-mode' });
      mode = modeValue(option, name, findings);
    } else if ((otherOptions as readonly unknown[]).includes(name.value)) {
      findings.report('RF1203', name.span, { what: `the option ${name.written}`, instead: insteadOf.option });
    } else {
      const advice = adviceOf(name.written, ['policy-mode', ...otherOptions], 'options are');
      findings.report('RF1204', name.span, { option: shorten(name.written), advice });
    }
  }
  return mode ?? 'enforce';
}

function modeValue(option: Located, name: LocatedScalar, findings: Findings): PolicyMode {
  const value = scalarOf(option, 'value');
  if (value?.value === 'enforce' || value?.value === 'monitor') return value.value;
  findings.report('RF1205', value?.span ?? name.span, {
    value: value === undefined ? 'nothing' : `"${shorten(value.written)}"`,
    name: 'policy-mode',
    allowed: 'enforce or monitor',
  });
  return 'enforce';
}
