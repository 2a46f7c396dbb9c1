/** What one source gives for an option: the texts as written, and where they stand. */
import type { Span } from '#diagnostics';
import { editDistance } from '#std';
import { findOption, type OptionName, optionNames } from './schema.ts';

export type Origin = 'flag' | 'environment' | 'directory' | 'file' | 'default';

export type Given = {
  readonly name: OptionName;
  /** Undefined when it is neither a text nor a list of texts. */
  readonly texts: readonly string[] | undefined;
  /** As the user would write it: `--detect`, `RINGFENCE_DETECT`, or the key in the file. */
  readonly where: string;
  readonly span?: Span;
};

/** What a file or variable holds for an option that takes several values: with commas or line ends between them. */
export function splitTexts(written: string): readonly string[] {
  return written
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** The option that is meant by a misspelt name; undefined when none is near enough. */
export function nearestOption(name: string): OptionName | undefined {
  const wanted = name.toLowerCase().replaceAll('_', '-').slice(0, 64);
  const known = findOption(wanted);
  if (known !== undefined) return known;
  const [near] = optionNames
    .map((each) => ({ each, distance: editDistance(wanted, each) }))
    .toSorted((a, b) => a.distance - b.distance);
  return near !== undefined && near.distance <= Math.max(1, Math.floor(wanted.length / 4)) ? near.each : undefined;
}
