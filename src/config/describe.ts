/** Settings as a reader may see them: without passwords. */
import type { Origin } from './given.ts';
import type { LoadedSettings } from './load.ts';
import { camelCase, type OptionName, optionNames, optionOf } from './schema.ts';

export type DescribedSetting = { readonly name: OptionName; readonly value: string; readonly origin: Origin };

export function describeSettings({
  settings,
  origins,
}: Omit<LoadedSettings, 'diagnostics'>): readonly DescribedSetting[] {
  const values: Readonly<Record<string, unknown>> = settings;
  return optionNames.map((name) => {
    const { kind, secret } = optionOf(name);
    const value = values[camelCase(name)];
    const shown = secret === true ? kind.print((value as readonly string[]).map(withoutLogin)) : kind.print(value);
    return { name, value: shown, origin: origins[name] };
  });
}

/** An address without what stands before its last `@`: a user, a password or a token. */
function withoutLogin(address: string): string {
  return address.replace(/^(\w+:\/\/)?.*@/s, '$1***@');
}
