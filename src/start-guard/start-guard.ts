/** The start guard on a machine: reads what the last start left, notes how far this one came, and looks for the way out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '#diagnostics';
import { judgeFile, kernelArgument } from './break-glass.ts';
import {
  advance,
  type BreakGlass,
  type Decision,
  decide,
  enforce,
  type Journal,
  journalOf,
  type Situation,
} from './decide.ts';
import { journalPath, readJournal, reasonOf, removeJournal, writeJournal } from './journal.ts';

export type StartGuardOptions = {
  readonly stateDirectory: string;
  readonly runDirectory: string;
  /** 0: only the way out is looked for. */
  readonly guardMs: number;
  /** Told once of each thing that is not as it should be; none of them keeps the agent from starting. */
  readonly onProblem: (problem: Diagnostic) => void;
  readonly machine?: Machine;
};

/** What is read of the machine. */
export type Machine = {
  readonly bootId: () => string;
  /** Since the boot, sleep included. */
  readonly nowMs: () => number;
  readonly commandLine: () => string;
  readonly breakGlassFiles: readonly string[];
  /** Who may break the glass. */
  readonly owner: number;
};

const LOOK_MS = 1000;

export class StartGuard {
  readonly #options: StartGuardOptions;
  readonly #machine: Machine;
  readonly #situation: Situation;
  readonly #told = new Set<string>();
  /** Without the way out. */
  #decision: Decision;
  #breakGlass: BreakGlass | undefined;
  /** As it stands on the disk; undefined until something is attached. */
  #journal: Journal | undefined;
  #lookedMs: number;

  constructor(options: StartGuardOptions) {
    this.#options = options;
    this.#machine = options.machine ?? thisMachine(options.runDirectory);
    const found = readJournal(options.stateDirectory);
    if (found.reason !== undefined) this.#tell('RF5102', { path: this.#path, reason: found.reason });
    this.#breakGlass = this.#lookForBreakGlass();
    this.#lookedMs = this.#machine.nowMs();
    this.#situation = {
      ...{ breakGlass: undefined, journal: found, guardMs: options.guardMs },
      ...{ bootId: this.#machine.bootId(), nowMs: this.#lookedMs },
    };
    this.#decision = decide(this.#situation);
  }

  /** What holds now. */
  get decision(): Decision {
    const breakGlass = this.#breakGlass;
    return breakGlass === undefined ? this.#decision : decide({ ...this.#situation, breakGlass });
  }

  /** Call it before anything is attached: on the disk when it returns. What the glass interrupted goes on as it was. */
  attaching(): void {
    if (this.#options.guardMs === 0) this.#forget();
    else if (this.#journal === undefined) this.#note(journalOf(this.#decision, this.#situation));
  }

  /** Call it every second or oftener. Returns what holds from now on, where that is something else than before. */
  check(): Decision | undefined {
    const nowMs = this.#machine.nowMs();
    if (nowMs - this.#lookedMs < LOOK_MS) return undefined;
    this.#lookedMs = nowMs;
    const before = this.decision;
    const open = this.#breakGlass !== undefined;
    this.#breakGlass = this.#lookForBreakGlass();
    if (open !== (this.#breakGlass !== undefined)) this.#noteBreakGlass(nowMs);
    if (this.#breakGlass === undefined) this.#advance(nowMs);
    const now = this.decision;
    return now.enforcement === before.enforcement ? undefined : now;
  }

  /** A human looked at it, or has changed the policies: enforce from now on, unless the glass is broken. */
  clear(): Decision {
    this.#decision = enforce('an operator said so');
    const { bootId } = this.#situation;
    const begun: Journal = {
      bootId,
      phase: 'enforcing',
      sinceMs: this.#machine.nowMs(),
      stopped: false,
      heldFor: undefined,
    };
    if (this.#journal !== undefined) this.#note(begun);
    return this.decision;
  }

  /** The agent ends in good order: what happens to the machine later is not of its making. */
  stopped(): void {
    if (this.#journal !== undefined) this.#note({ ...this.#journal, stopped: true });
  }

  get #path(): string {
    return journalPath(this.#options.stateDirectory);
  }

  #advance(nowMs: number): void {
    if (this.#journal === undefined) return;
    const next = advance(this.#decision, this.#journal, { nowMs, guardMs: this.#options.guardMs });
    if (next === undefined) return;
    this.#note(next.journal); // before it enforces: should the machine die at once, the next boot knows
    this.#decision = next.decision;
  }

  /** Whoever broke the glass may well reset the machine next: that does not count against this boot. */
  #noteBreakGlass(nowMs: number): void {
    if (this.#journal === undefined) return;
    const broken = this.#breakGlass !== undefined;
    const again = !broken && this.#journal.phase === 'enforcing' ? nowMs : this.#journal.sinceMs;
    this.#note({ ...this.#journal, stopped: broken, sinceMs: again });
  }

  #lookForBreakGlass(): BreakGlass | undefined {
    const { commandLine, breakGlassFiles, owner } = this.#machine;
    const value = kernelArgument(commandLine());
    if (value === 'off') return { kind: 'argument' };
    if (value !== undefined) this.#tell('RF5104', { value });
    for (const path of breakGlassFiles) {
      const verdict = judgeFile(path, owner);
      if (verdict === 'counts') return { kind: 'file', path };
      if (verdict !== 'none') this.#tell('RF5101', { path, reason: verdict.reason });
    }
    return undefined;
  }

  /** What can not be noted is told; the agent goes on all the same: a full disk must not open the fence. */
  #note(journal: Journal): void {
    this.#journal = journal;
    try {
      writeJournal(this.#options.stateDirectory, journal);
    } catch (error) {
      this.#tell('RF5103', { path: this.#path, reason: reasonOf(error) });
    }
  }

  #forget(): void {
    try {
      removeJournal(this.#options.stateDirectory);
    } catch (error) {
      this.#tell('RF5103', { path: this.#path, reason: reasonOf(error) });
    }
  }

  #tell(code: 'RF5101' | 'RF5102' | 'RF5103' | 'RF5104', parameters: Readonly<Record<string, string>>): void {
    const problem = diagnostic(code, undefined, parameters);
    if (this.#told.has(problem.message)) return;
    this.#told.add(problem.message);
    this.#options.onProblem(problem);
  }
}

/** For when no agent runs: the next one takes its start for the first. Throws what the file system says. */
export function clearStartGuard(stateDirectory: string): void {
  removeJournal(stateDirectory);
}

function thisMachine(runDirectory: string): Machine {
  return {
    bootId: () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    nowMs: () => Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000,
    commandLine: () => readFileSync('/proc/cmdline', 'utf8'),
    breakGlassFiles: ['/etc/ringfence/off', join(runDirectory, 'off')],
    owner: 0,
  };
}
