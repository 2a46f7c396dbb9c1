/** An option as a flag: what a parser of command lines and a usage text have to know of it. */
import { type AnyOption, type OptionName, optionNames, optionOf } from './schema.ts';

export type FlagUsage = {
  readonly name: OptionName;
  readonly short: string | undefined;
  readonly aliases: readonly string[];
  readonly arity: 'flag' | 'one' | 'list';
  readonly placeholder: string;
  /** With its default. */
  readonly about: string;
};

export function flagUsages(): readonly FlagUsage[] {
  return optionNames.map((name) => {
    const option = optionOf(name);
    const shown = defaultText(option);
    const also = (option.aliases ?? []).map((each) => `--${each}`).join(', ');
    const notes = [also === '' ? '' : `also ${also}`, shown === '' ? '' : `default: ${shown}`].filter(
      (each) => each !== '',
    );
    return {
      name,
      short: option.short,
      aliases: option.aliases ?? [],
      arity: option.kind.arity,
      placeholder: option.kind.placeholder,
      about: notes.length === 0 ? option.about : `${option.about} (${notes.join('; ')})`,
    };
  });
}

/** Empty when there is nothing to say. */
export function defaultText(option: AnyOption): string {
  return option.defaultText ?? option.kind.print(option.default);
}
