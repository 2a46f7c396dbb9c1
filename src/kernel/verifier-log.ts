/** Reading what the verifier wrote when a program was refused: where, why, and which of the policy's lines led there. */
import { EnvironmentError } from '#diagnostics';

/** A line of source as the log quotes it from our line info; only kernels from 6.10 on add file and line. */
export type QuotedLine = {
  readonly text: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
};

export type Rejection = {
  /** Index of the instruction the verifier stopped at, counted in the program with its subprograms appended. */
  readonly instruction: number | undefined;
  readonly reason: string;
  /** In the order in which the verifier met them: the last one is where it stopped. */
  readonly lines: readonly QuotedLine[];
};

const LINES_MAX = 64;

/** The reason is at the end of the log: where `cut`, an older kernel gave up logging before it got there. */
export function readRejection(log: string, cut = false): Rejection {
  let instruction: number | undefined;
  let reason = 'the log of the verifier is empty';
  let complete = false;
  const lines: QuotedLine[] = [];
  const whole = cut ? log.slice(0, log.lastIndexOf('\n') + 1) : log;
  for (const line of whole.split('\n')) {
    const quoted = /^; (.*) @ (\S.*):(\d+)$/.exec(line) ?? /^; (.*)$/.exec(line);
    const index = /^(\d+): \([0-9a-f]{2}\)/.exec(line)?.[1];
    if (index !== undefined) instruction = Number(index);
    else if (quoted !== null) lines.push(quotedLine(quoted));
    else if (STATISTICS.test(line)) complete = true;
    else if (line.trim() !== '') reason = line.trim();
  }
  if (cut && !complete) {
    instruction = undefined;
    reason = 'the log is too long to hold the reason, which is most often a program too complex to verify';
  }
  return { instruction, reason, lines: lines.slice(-LINES_MAX) };
}

/** What follows the reason, at any log level. */
const STATISTICS = /^(processed \d+ insns|verification time |stack depth |insns processed|mark_precise: )/;

function quotedLine([, text = '', file, line]: RegExpExecArray): QuotedLine {
  return { text, file, line: line === undefined ? undefined : Number(line) };
}

/** `said`: the reason as libbpf has it, for what is refused before the verifier begins, and leaves no log. */
export type RejectionLog = { readonly text: string; readonly cut: boolean; readonly said?: string | undefined };

export class LoadRejected extends EnvironmentError {
  readonly program: string;
  readonly log: string;
  readonly instruction: number | undefined;
  readonly reason: string;
  readonly lines: readonly QuotedLine[];

  constructor(program: string, log: RejectionLog, cause: unknown) {
    const { instruction, reason: verified, lines } = readRejection(log.text, log.cut);
    const reason = log.text.trim() === '' ? (log.said ?? verified) : verified;
    const place = instruction === undefined ? '' : ` at instruction ${instruction}`;
    super('RF3006', { program, place, reason }, { cause });
    this.program = program;
    this.log = headAndTail(log.text);
    this.instruction = instruction;
    this.reason = reason;
    this.lines = lines;
  }
}

const HEAD_CHARACTERS = 8 * 1024;
const TAIL_CHARACTERS = 56 * 1024;

/** The beginning says what was verified, the end why it failed; what lies between is rarely read. */
export function headAndTail(log: string): string {
  const omitted = log.length - HEAD_CHARACTERS - TAIL_CHARACTERS;
  if (omitted <= 0) return log;
  return `${log.slice(0, HEAD_CHARACTERS)}\n[${omitted} characters left out]\n${log.slice(-TAIL_CHARACTERS)}`;
}
