/** nodeSelector, and the annotation that says on which nodes a policy enforces first. */
import type { Findings } from './findings.ts';
import { entryOf, type Located, type LocatedScalar } from './located.ts';
import type { Canary } from './nodes.ts';
import { shorten } from './schema-errors.ts';
import { isLabel, isLabelKey, nodeRequirements } from './validate-workloads.ts';
import type { LabelRequirement } from './workload-selector.ts';

export const canaryAnnotation = 'ringfence.io/canary';

/** Empty for all nodes. */
export function nodeSelectorOf(spec: Located, findings: Findings): readonly LabelRequirement[] {
  const selector = entryOf(spec, 'nodeSelector')?.value;
  return selector?.kind === 'map' ? nodeRequirements(selector, findings) : [];
}

const ALLOWED =
  'a percentage of the nodes (10%), labels of nodes (name=value, name!=value, name, !name), or both, with commas between';
/** More than one writes into an annotation. */
const PARTS_MAX = 32;
const PERCENT = /^(?<percent>\d{1,3}(?:\.\d)?)%$/;
const LABEL = /^(?<not>!)?(?<key>[^!=\s]+)$|^(?<name>[^!=\s]+?)\s*(?<differs>!)?==?\s*(?<value>[^!=\s]*)$/;

/** Undefined where the policy enforces on all nodes that it selects. */
export function canaryOf(written: LocatedScalar | undefined, findings: Findings): Canary | undefined {
  if (written === undefined) return undefined;
  const parts = written.written.split(',').map((part) => part.trim());
  const percents = parts.flatMap((part) => PERCENT.exec(part)?.groups?.percent ?? []).map(Number);
  const labels = parts.filter((part) => !PERCENT.test(part)).map((part) => requirementOf(part, written));
  const [percent] = percents;
  const isRight = percents.length < 2 && (percent ?? 0) <= 100 && parts.length <= PARTS_MAX;
  if (isRight && labels.every((label) => label !== undefined)) return { labels, percent };
  findings.report('RF1205', written.span, {
    ...{ value: `"${shorten(written.written)}"`, name: canaryAnnotation, allowed: ALLOWED },
  });
  return undefined;
}

function requirementOf(part: string, { span }: LocatedScalar): LabelRequirement | undefined {
  const { not, key, name, differs, value } = LABEL.exec(part)?.groups ?? {};
  if (key !== undefined) {
    const operator = not === undefined ? 'Exists' : 'DoesNotExist';
    return isLabelKey(key) ? { key, operator, values: [], span } : undefined;
  }
  if (name === undefined || value === undefined || !isLabelKey(name) || !isLabel(value)) return undefined;
  return { key: name, operator: differs === undefined ? 'In' : 'NotIn', values: [value], span };
}
