/** What became of each test, wherever it ran: the lines that the reporter writes, and the totals made of them. */

export type Outcome = {
  readonly kind: 'passed' | 'failed' | 'skipped';
  /** Path of the test file from the root of the repository, or the name of a step. */
  readonly file: string;
  /** Names from the outermost suite to the test; empty when the file itself is meant. */
  readonly name: string;
  readonly seconds: number;
  /** Why it was skipped, or the error in full. */
  readonly detail: string;
  /** Where it ran: `host`, or a kernel. */
  readonly where: string;
};

/** A line of the reporter: an outcome without its place, or what a test printed; or one of the test itself. */
export type ReportLine =
  | ({ readonly event: 'outcome' } & Omit<Outcome, 'where'>)
  | { readonly event: 'output'; readonly file: string; readonly text: string }
  /** A figure, say, that a test within a suite is asked for and asserts nothing about. */
  | { readonly event: 'told'; readonly text: string }
  /** Texts of policies that a kernel test had loaded. */
  | { readonly event: 'loaded'; readonly policies: readonly string[] };

/** How the process of the runner ended. */
export type Ending = { readonly status: number | null; readonly signal: string | null };

/** Collects the lines of one run of the reporter, which arrive in pieces. */
export class ReportReader {
  readonly #where: string;
  readonly #outcomes: Outcome[] = [];
  readonly #printed = new Map<string, string>();
  readonly #loaded: string[] = [];
  readonly #told: string[] = [];
  readonly #file: string | undefined;
  #partial = '';
  #other = '';

  /** `file`: the only one that runs; what a module beside it declares is its own too. */
  constructor(where: string, file?: string) {
    this.#where = where;
    this.#file = file;
  }

  read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  /** Policies that were loaded so far. */
  get loaded(): readonly string[] {
    return this.#loaded;
  }

  /** What tests had to say, whether they passed or not. */
  get told(): readonly string[] {
    return this.#told;
  }

  /** What came beside the report lines: the complaints of a crashing runner, say. */
  note(text: string): void {
    this.#other += text;
  }

  #readLine(line: string): void {
    const report = parseLine(line);
    switch (report?.event) {
      case undefined:
        this.#other += `${line}\n`;
        return;
      case 'output':
        this.#print(this.#file ?? report.file, report.text);
        return;
      case 'loaded':
        this.#loaded.push(...report.policies);
        return;
      case 'told':
        this.#told.push(report.text);
        return;
      case 'outcome': {
        const { event: _, ...outcome } = report;
        this.#outcomes.push({ ...outcome, file: this.#file ?? outcome.file, where: this.#where });
      }
    }
  }

  #print(file: string, text: string): void {
    this.#printed.set(file, (this.#printed.get(file) ?? '') + text);
  }

  /**
   * Every outcome, failures with what their file printed. Each of `files` must have shown something, and a run
   * that ended badly must have shown a failure: what is missing becomes a failure that says how the run ended.
   */
  finish(files: readonly string[], ending: Ending): Outcome[] {
    if (this.#partial !== '') this.#readLine(this.#partial);
    const seen = new Set(this.#outcomes.map(({ file }) => file));
    const silent = files.filter((file) => !seen.has(file));
    const outcomes = [
      ...this.#outcomes.map((outcome) => this.#explain(outcome)),
      ...silent.map((file) => this.#missing(file, 'no test ran', ending)),
    ];
    if (ending.status === 0 || count(outcomes, 'failed') > 0) return outcomes;
    return [...outcomes, this.#missing(files.join(' '), 'no test failed, but the run did', ending)];
  }

  #missing(file: string, what: string, { status, signal }: Ending): Outcome {
    const ending = signal === null ? `node --test exited with ${status}` : `node --test was ended by ${signal}`;
    return failed(file, this.#where, `${what}: ${ending}\n${this.#other}`.trim());
  }

  #explain(outcome: Outcome): Outcome {
    const printed = this.#printed.get(outcome.file);
    if (outcome.kind !== 'failed' || printed === undefined) return outcome;
    return { ...outcome, detail: `${outcome.detail}\n--- printed by ${outcome.file} ---\n${printed.trimEnd()}` };
  }
}

/** The failure of a file or step as a whole. */
export function failed(file: string, where: string, detail: string): Outcome {
  return { kind: 'failed', file, name: '', seconds: 0, detail, where };
}

export function skipped(file: string, where: string, reason: string): Outcome {
  return { kind: 'skipped', file, name: '', seconds: 0, detail: reason, where };
}

function parseLine(line: string): ReportLine | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as ReportLine;
  } catch {
    return undefined;
  }
}

export function count(outcomes: readonly Outcome[], kind: Outcome['kind']): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length;
}

const FAILURES_SHOWN = 40;
const MESSAGE_CHARACTERS = 200;

/** What failed, in one line each, and how many more there are: whoever has only a part of a long log reads these. */
export function failureLines(outcomes: readonly Outcome[]): readonly string[] {
  const failures = outcomes.filter(({ kind }) => kind === 'failed');
  const lines = failures.slice(0, FAILURES_SHOWN).map((failure) => {
    const [message = ''] = failure.detail.split('\n');
    return `${label(failure)}: ${message.slice(0, MESSAGE_CHARACTERS)}`;
  });
  const more = failures.length - lines.length;
  return more === 0 ? lines : [...lines, `and ${more} more`];
}

/** What it is about, and where that ran. */
export function label({ file, name, where }: Outcome): string {
  return `${file}${name === '' ? '' : ` > ${name}`} (${where})`;
}

/** The total of every run: `N passed, N failed, N skipped`. What failed is repeated below it. */
export function summaryLine(outcomes: readonly Outcome[]): string {
  return (['passed', 'failed', 'skipped'] as const).map((kind) => `${count(outcomes, kind)} ${kind}`).join(', ');
}
