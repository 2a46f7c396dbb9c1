/** What a policy asks for that the language has no word for: annotations of ringfence.io. */
import type { Findings } from './findings.ts';
import { entryOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { FileIdentityMode, Hook, KillBudget, Policy } from './model.ts';
import { shorten } from './schema-errors.ts';
import { canaryAnnotation, canaryOf } from './validate-nodes.ts';

export const fileIdentityAnnotation = 'ringfence.io/file-identity';
export const killBudgetAnnotation = 'ringfence.io/kill-budget';

const OURS = 'ringfence.io/';
const known: readonly string[] = [canaryAnnotation, fileIdentityAnnotation, killBudgetAnnotation];

export function annotationsOf(
  metadata: Located | undefined,
  findings: Findings,
): Pick<Policy, 'canary' | 'fileIdentity' | 'killBudget'> {
  const annotations = entryOf(metadata, 'annotations')?.value;
  if (annotations?.kind !== 'map') return { canary: undefined, fileIdentity: 'path', killBudget: undefined };
  for (const [annotation, { key }] of annotations.entries) {
    if (annotation.startsWith(OURS) && !known.includes(annotation)) {
      findings.report('RF1206', key, { annotation, known: known.join(', ') });
    }
  }
  return {
    canary: canaryOf(scalarOf(annotations, canaryAnnotation), findings),
    fileIdentity: fileIdentityOf(scalarOf(annotations, fileIdentityAnnotation), findings),
    killBudget: killBudgetOf(scalarOf(annotations, killBudgetAnnotation), findings),
  };
}

function fileIdentityOf(value: LocatedScalar | undefined, findings: Findings): FileIdentityMode {
  if (value === undefined || value.written === 'path') return 'path';
  if (value.written === 'inode') return 'inode';
  refuse(value, fileIdentityAnnotation, 'inode or path', findings);
  return 'path';
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** The kernel counts in RF_BUDGET_BITS. */
const KILLS_MAX = 1_000_000;

function killBudgetOf(value: LocatedScalar | undefined, findings: Findings): KillBudget | undefined {
  if (value === undefined) return undefined;
  const [, number = '', unit = ''] = /^([1-9]\d{0,6})\/([smh])$/.exec(value.written) ?? [];
  const [kills, windowMs] = [Number(number), unitMs[unit]];
  if (windowMs !== undefined && kills <= KILLS_MAX) return { kills, windowMs };
  const allowed = `a number of kills from 1 to ${KILLS_MAX}, and a second, minute or hour: 5/s, 10/m, 100/h`;
  refuse(value, killBudgetAnnotation, allowed, findings);
  return undefined;
}

/** A budget of what never happens. */
export function warnOfIdleBudget(metadata: Located | undefined, hooks: readonly Hook[], findings: Findings): void {
  const annotations = entryOf(metadata, 'annotations')?.value;
  const selectors = hooks.flatMap((hook) => hook.selectors);
  const actions = selectors.flatMap((selector) => [...selector.actions, ...selector.returnActions]);
  if (actions.some(({ kind }) => kind === 'sigkill')) return;
  findings.report('RF1506', entryOf(annotations, killBudgetAnnotation)?.key);
}

/** As the annotation has it. */
export function killBudgetText({ kills, windowMs }: KillBudget): string {
  const unit = Object.keys(unitMs).find((each) => unitMs[each] === windowMs);
  return `${kills}/${unit ?? `${windowMs}ms`}`;
}

function refuse(value: LocatedScalar, name: string, allowed: string, findings: Findings): void {
  findings.report('RF1205', value.span, { value: shorten(value.written), name, allowed });
}
