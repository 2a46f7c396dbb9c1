/** Options given in the environment: RINGFENCE_ and the name in capitals. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import { type Given, nearestOption, splitTexts } from './given.ts';
import { findOption, type OptionName, optionNames, optionOf, variableOf } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'RINGFENCE_';

export function readEnvironment(environment: Environment): readonly Given[] {
  return optionNames.flatMap((name) => {
    const variables = [variableOf(name), ...(optionOf(name).variables ?? [])];
    const variable = variables.find((each) => environment[each] !== undefined && environment[each] !== '');
    return variable === undefined ? [] : [{ name, texts: textsOf(name, environment[variable] ?? ''), where: variable }];
  });
}

function textsOf(name: OptionName, written: string): readonly string[] {
  return optionOf(name).kind.arity === 'list' ? splitTexts(written) : [written.trim()];
}

/**
 * Variables that look like a misspelt option. Others are not ours: Kubernetes makes RINGFENCE_PORT and its like for a
 * service of that name.
 */
export function checkEnvironment(environment: Environment): readonly Diagnostic[] {
  const own = Object.keys(environment).filter((name) => name.startsWith(PREFIX));
  return own.toSorted().flatMap((name) => {
    const word = name.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    const near = nearestOption(word);
    if (near === undefined || variableOf(near) === name || findOption(word) !== undefined) return [];
    return [diagnostic('RF5004', undefined, { name: name.slice(0, 64), near: variableOf(near) })];
  });
}
