/** Settings from all sources: a flag before the environment, that before the directory, that before the file. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Given, Origin } from './given.ts';
import { readDirectory } from './read-directory.ts';
import { checkEnvironment, type Environment, readEnvironment } from './read-environment.ts';
import { type Flags, readFlags } from './read-flags.ts';
import { camelCase, type OptionName, optionNames, optionOf, type Settings } from './schema.ts';
import { readSource, unreadable } from './source.ts';

export type LoadedSettings = {
  readonly settings: Settings;
  readonly origins: Readonly<Record<OptionName, Origin>>;
  /** With errors among them, the settings are not what the user asked for. */
  readonly diagnostics: readonly Diagnostic[];
};

type Layer = { readonly origin: Origin; readonly given: readonly Given[] };
type Reading = { readonly given: readonly Given[]; readonly diagnostics: readonly Diagnostic[] };

const DIAGNOSTICS_MAX = 100;

/** Throws RF5008 when a file that is named can not be read. */
export async function loadSettings(sources: {
  readonly flags: Flags;
  readonly environment: Environment;
}): Promise<LoadedSettings> {
  const { readFile } = await import('./read-file.ts'); // reads YAML, which commands that need only the names do not
  const flags = readFlags(sources.flags);
  const environment = readEnvironment(sources.environment);
  const diagnostics: Diagnostic[] = [...checkEnvironment(sources.environment)];
  const near: readonly Layer[] = [
    { origin: 'flag', given: flags },
    { origin: 'environment', given: environment },
  ];
  const directory = locate('config-dir', near, readDirectory);
  const file = locate('config', near, (path) => {
    const source = readSource(path);
    if (source === undefined || source.diagnostics.length > 0) return source && { ...source, given: [] };
    return readFile(path, source.text);
  });
  diagnostics.push(...directory.diagnostics, ...file.diagnostics);
  const layers: readonly Layer[] = [
    ...near,
    { origin: 'directory', given: directory.given },
    { origin: 'file', given: file.given },
  ];
  const resolved = resolve(layers, diagnostics);
  return { ...resolved, diagnostics: diagnostics.slice(0, DIAGNOSTICS_MAX) };
}

/** Reads what the option names; only at its default may there be nothing. */
function locate(
  name: 'config' | 'config-dir',
  layers: readonly Layer[],
  read: (path: string) => Reading | undefined,
): Reading {
  const named = layers.flatMap(({ given }) => given).find((each) => each.name === name)?.texts?.[0];
  const path = named ?? String(optionOf(name).default);
  const reading = path === '' ? { given: [], diagnostics: [] } : read(path);
  if (reading !== undefined) return reading;
  if (named !== undefined) throw unreadable(path, 'ENOENT');
  return { given: [], diagnostics: [] };
}

/** Values that lose against another source are checked all the same: one day they will not. */
function resolve(layers: readonly Layer[], diagnostics: Diagnostic[]): Pick<LoadedSettings, 'settings' | 'origins'> {
  const settings: Record<string, unknown> = {};
  const origins: Partial<Record<OptionName, Origin>> = {};
  for (const name of optionNames) {
    const option = optionOf(name);
    const key = camelCase(name);
    settings[key] = option.default;
    origins[name] = 'default';
    for (const { origin, given } of layers.toReversed()) {
      for (const each of given.filter((one) => one.name === name)) {
        const parsed = each.texts === undefined ? undefined : option.kind.parse(each.texts);
        if (parsed === undefined) {
          diagnostics.push(refusal(each));
          continue;
        }
        settings[key] = parsed.value;
        origins[name] = origin;
      }
    }
  }
  return { settings: settings as Settings, origins: origins as Record<OptionName, Origin> };
}

const SHOWN_MAX = 80;

function refusal({ name, texts, where, span }: Given): Diagnostic {
  const { kind, secret, about } = optionOf(name);
  const written = texts === undefined ? 'what stands here' : JSON.stringify(texts.join(',').slice(0, SHOWN_MAX));
  const value = secret === true && texts !== undefined ? 'what is given' : written;
  return diagnostic('RF5005', span, { where, value, wanted: kind.wanted, option: name, about });
}
