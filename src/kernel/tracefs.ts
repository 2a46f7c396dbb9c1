/** What can be traced on this kernel, read from tracefs when it is first asked for: 60,000 functions, 2,000 tracepoints. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FeatureState,
  functionsOfText,
  namesNear,
  parseTracepointFormat,
  type TraceableFunctions,
  type TracepointFormat,
  type Tracepoints,
} from '#bpf';
import { lazy } from '#std';
import { KALLSYMS } from './kallsyms.ts';

/** Where it is mounted; the second is what was usual before it had a place of its own. */
const PLACES: readonly string[] = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

const FUNCTIONS = 'available_filter_functions';
const EVENTS = 'available_events';

/** `path` is undefined where there is none that this process can read. */
export type Tracefs = { readonly path: string | undefined; readonly state: FeatureState };

export function findTracefs(places = PLACES): Tracefs {
  let denied: string | undefined;
  for (const path of places) {
    const code = obstacle(join(path, FUNCTIONS));
    if (code === undefined) return { path, state: { kind: 'yes' } };
    if (code !== 'ENOENT') denied = `${path} cannot be read (${code})`;
  }
  if (denied !== undefined) return { path: undefined, state: { kind: 'unknown', reason: denied } };
  return { path: undefined, state: { kind: 'no', reason: `it is mounted neither at ${places.join(' nor at ')}` } };
}

function obstacle(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Without tracefs, the functions that have a symbol: of those some cannot be traced. */
export function kernelFunctions({ path }: Tracefs, kallsyms = KALLSYMS): TraceableFunctions {
  const known = lazy(() =>
    functionsOfText(path === undefined ? symbolNames(kallsyms) : traceableNames(join(path, FUNCTIONS))),
  );
  return {
    count: (name) => known().count(name),
    clones: (name) => known().clones(name),
    similar: (name, limit) => known().similar(name, limit),
    names: () => known().names(),
  };
}

/** Where the linker dropped a function, ftrace lists its place under a name of its own making. */
const PLACEHOLDER = '__ftrace_invalid_address__';

/** Lines with a second word, `name [module]`, are of modules. */
function traceableNames(file: string): string {
  const names = readFileSync(file, 'latin1').split('\n');
  return lines(names.filter((name) => name !== '' && !name.includes(' ') && !name.startsWith(PLACEHOLDER)));
}

/** `ffffffff81000000 t name`, and of a module's a tab and its name. */
function symbolNames(file: string): string {
  const symbols = readFileSync(file, 'latin1').matchAll(/^[0-9a-f]+ [tTwW] ([^\s]+)$/gm);
  return lines(Array.from(symbols, ([, name = '']) => name));
}

function lines(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('');
}

export function kernelTracepoints({ path }: Tracefs): Tracepoints {
  const names = (): readonly string[] => (path === undefined ? [] : eventNames(join(path, EVENTS)));
  return {
    format: (subsystem, event) => (path === undefined ? undefined : readFormat(path, subsystem, event)),
    similar: (name, limit) => namesNear(name, names(), limit),
    names,
  };
}

/** The file has `subsystem:event` on each line. */
function eventNames(file: string): readonly string[] {
  const events = readFileSync(file, 'latin1').matchAll(/^([\w-]+):([\w-]+)$/gm);
  return Array.from(events, ([, subsystem, event]) => `${subsystem}/${event}`);
}

/** The names come from policies, and no other file may be reached by them. */
const NAME = /^[\w-]+$/;

function readFormat(path: string, subsystem: string, event: string): TracepointFormat | undefined {
  if (!NAME.test(subsystem) || !NAME.test(event)) return undefined;
  try {
    return parseTracepointFormat(readFileSync(join(path, 'events', subsystem, event, 'format'), 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
