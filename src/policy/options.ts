/** The options of a policy. */
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { PolicyMode } from './model.ts';
import { adviceOf, shorten } from './schema-errors.ts';
import { insteadOf } from './unsupported.ts';

const modeOption = 'policy-mode';
/** Says how the peer attaches its programs, which is not how ours are attached: it has no effect. */
const attachOption = 'disable-kprobe-multi';
/** Options of the language that have no effect here yet. */
const otherOptions = ['override-method', 'disable-uprobe-multi', 'sleepable-preload-size'] as const;

export function optionsOf(spec: Located, findings: Findings): PolicyMode {
  let mode: PolicyMode = 'enforce';
  const seen = new Set<string>();
  for (const option of itemsOf(spec, 'options')) {
    const name = scalarOf(option, 'name');
    if (name === undefined) continue;
    if (seen.has(name.written)) findings.report('RF1210', name.span, { option: shorten(name.written) });
    seen.add(name.written);
    if (name.value === modeOption) mode = modeValue(option, name, findings);
    else if (name.value === attachOption) checkSwitch(option, name, findings);
    else reportOption(name, findings);
  }
  return mode;
}

function reportOption(name: LocatedScalar, findings: Findings): void {
  if ((otherOptions as readonly unknown[]).includes(name.value)) {
    findings.report('RF1203', name.span, { what: `the option ${name.written}`, instead: insteadOf.option });
  } else {
    const advice = adviceOf(name.written, [modeOption, attachOption, ...otherOptions], 'options are');
    findings.report('RF1204', name.span, { option: shorten(name.written), advice });
  }
}

function modeValue(option: Located, name: LocatedScalar, findings: Findings): PolicyMode {
  const value = scalarOf(option, 'value');
  if (value?.value === 'enforce' || value?.value === 'monitor') return value.value;
  reportValue(value, name, 'enforce or monitor', findings);
  return 'enforce';
}

/** The spellings that the peer takes. */
function checkSwitch(option: Located, name: LocatedScalar, findings: Findings): void {
  const value = scalarOf(option, 'value');
  if (value !== undefined && /^([01]|[tTfF]|true|TRUE|True|false|FALSE|False)$/.test(value.written)) return;
  reportValue(value, name, 'true or false', findings);
}

function reportValue(value: LocatedScalar | undefined, name: LocatedScalar, allowed: string, findings: Findings): void {
  findings.report('RF1205', value?.span ?? name.span, {
    value: value === undefined ? 'nothing' : `"${shorten(value.written)}"`,
    name: name.written,
    allowed,
  });
}
