/** Options given on the command line, as the parser of flags hands them over: by name in camel case. */
import type { Given } from './given.ts';
import { camelCase, type OptionName, optionNames, optionOf } from './schema.ts';

export type Flags = Readonly<Record<string, unknown>>;

export function readFlags(flags: Flags): readonly Given[] {
  return optionNames.flatMap((name) => givenAs(name, flags));
}

/** What is given under several names of one option is one list. */
function givenAs(name: OptionName, flags: Flags): readonly Given[] {
  const names = [name, ...(optionOf(name).aliases ?? [])].filter((each) => flags[camelCase(each)] !== undefined);
  if (names.length === 0) return [];
  const texts = names.flatMap((each) => flags[camelCase(each)]).map(String);
  return [{ name, texts, where: `--${names[0]}` }];
}
