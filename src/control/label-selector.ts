/** Label selectors as Kubernetes writes them: requirements between commas, all of which must hold. */
import type { Labels } from '#events';
import { RequestRefused } from './request-refused.ts';

const REQUIREMENTS_MAX = 64;

/** Of a label's name and value; a name may have a prefix, which is a DNS name. */
const NAME = /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

const IN = /^(?<key>[^\s!=(),]+)\s+(?<not>not)?in\s*\((?<list>[^()]*)\)$/;
const EQUALS = /^(?<key>[^\s!=(),]+)\s*(?<not>!)?==?\s*(?<value>[^\s!=(),]*)$/;
const EXISTS = /^(?<not>!)?\s*(?<key>[^\s!=(),]+)$/;

export type LabelTest = (labels: Labels) => boolean;

/** Throws RequestRefused for what is no selector. */
export function labelSelector(text: string): LabelTest {
  const parts = partsOf(text).map((part) => part.trim());
  if (parts.length > REQUIREMENTS_MAX) throw new RequestRefused(400, `more than ${REQUIREMENTS_MAX} labels`);
  const tests = parts.map(requirement);
  return (labels) => tests.every((test) => test(labels));
}

/** At commas, but not at those between parentheses. */
function partsOf(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/);
}

function requirement(part: string): LabelTest {
  const { key = '', not, value, list } = (IN.exec(part) ?? EQUALS.exec(part) ?? EXISTS.exec(part))?.groups ?? {};
  const wanted = list?.split(',').map((each) => each.trim()) ?? (value === undefined ? undefined : [value]);
  if (!NAME.test(key) || wanted?.some((each) => !VALUE.test(each)) === true) {
    throw new RequestRefused(400, `${JSON.stringify(part)} selects no label: name=value, name in (a,b), name, !name`);
  }
  const holds = (labels: Labels): boolean => {
    const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return found !== undefined && (wanted === undefined || wanted.includes(found));
  };
  return not === undefined ? holds : (labels) => !holds(labels);
}
