/** config: every option of the agent, declared once; from flags, environment, directory and file to settings. */
export { type DescribedSetting, describeSettings } from './describe.ts';
export type { Origin } from './given.ts';
export { type LoadedSettings, loadSettings } from './load.ts';
export type { Environment } from './read-environment.ts';
export type { Flags } from './read-flags.ts';
export { camelCase, type OptionName, type Settings } from './schema.ts';
export { type FlagUsage, flagUsages } from './usage.ts';
