/** A reporter for `node --test`: one JSON line per result, for `ReportReader` on the other side of a pipe or a guest. */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { Outcome, ReportLine } from './results.ts';

const DETAIL_CHARACTERS_MAX = 20_000;

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names = new Map<string, string[]>();
  for await (const event of events) {
    const line = toLine(event, names);
    // What a test prints may share the pipe, and need not end its line.
    if (line !== undefined) yield `\n${JSON.stringify(line)}\n`;
  }
}

/** `names` holds, per file, the name of the test that is open at each depth. */
function toLine({ type, data }: TestEvent, names: Map<string, string[]>): ReportLine | undefined {
  switch (type) {
    case 'test:start':
      openNames(names, fileOf(data)).splice(data.nesting, Infinity, data.name);
      return undefined;
    case 'test:stdout':
    case 'test:stderr':
      return { event: 'output', file: fromRoot(fileOf(data)), text: data.message };
    case 'test:diagnostic': // those of no test are the totals of the run
      return data.nesting === 0 ? undefined : { event: 'told', text: data.message };
    case 'test:pass':
    case 'test:fail':
      return toOutcome(type, data, openNames(names, fileOf(data)).slice(0, data.nesting));
    default:
      return undefined;
  }
}

/** Where a test stands: the file that Node runs, when that is another than the module that declares the test. */
type Place = { readonly file?: string | undefined; readonly entryFile?: string | undefined };

function fileOf({ file, entryFile }: Place): string | undefined {
  return entryFile ?? file;
}

type Result = Place & {
  readonly name: string;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: {
    readonly duration_ms: number;
    readonly type?: string | undefined;
    readonly error?: Error | undefined;
  };
};

function toOutcome(type: 'test:pass' | 'test:fail', data: Result, parents: readonly string[]): ReportLine | undefined {
  const { error, duration_ms, type: kindOfTest } = data.details;
  const file = fileOf(data);
  const whole = data.name === file || data.name === fromRoot(file);
  // A suite or file that only passes on what its tests did is not a test itself.
  if (type === 'test:pass' && (kindOfTest === 'suite' || whole) && data.skip === undefined) return undefined;
  if (type === 'test:fail' && (error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed') {
    return undefined;
  }
  const reason = reasonOf(data.skip) ?? reasonOf(data.todo);
  const kind: Outcome['kind'] = reason !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
  return {
    event: 'outcome',
    kind,
    file: fromRoot(file),
    name: whole ? '' : [...parents, data.name].join(' > '),
    seconds: duration_ms / 1000,
    detail: kind === 'failed' ? describe(error) : (reason ?? ''),
  };
}

function reasonOf(mark: string | boolean | undefined): string | undefined {
  if (mark === undefined || mark === false) return undefined;
  return mark === true || mark === '' ? 'no reason given' : mark;
}

/** The error that the test threw; Node wraps it in one that only says "test failed". */
function describe(error: Error | undefined): string {
  const cause = error?.cause ?? error;
  return (cause instanceof Error ? inspect(cause) : String(cause)).slice(0, DETAIL_CHARACTERS_MAX);
}

function openNames(names: Map<string, string[]>, file = ''): string[] {
  const open = names.get(file) ?? [];
  names.set(file, open);
  return open;
}

/** Read once: a test may stand in a directory too deep to have a name. */
const root = process.cwd();

function fromRoot(file = ''): string {
  return relative(root, file);
}
