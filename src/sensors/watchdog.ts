/**
 * Looks after what root of the host can take from us without a descriptor: pins, the file system that they are in, and
 * the switch of kprobes. What is gone is put back, and told of. It is called with the agent's tick.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOnBpffs, mountBpffs } from '#kernel';

export type WatchedPin = {
  readonly path: string;
  /** Pins the same thing there again; the directory is there, and nothing in its place. */
  readonly repin: () => void;
};

/** `held` is a link or a map. */
export function watched(path: string, held: { pin(path: string): void }): WatchedPin {
  return { path, repin: () => held.pin(path) };
}

export type Finding = {
  readonly what: 'pin' | 'mount' | 'kprobes';
  readonly path: string;
  /** Why it could not be put right; undefined when it could. */
  readonly failure: string | undefined;
};

export type WatchdogOptions = {
  /** The directory of all pins; undefined when nothing is pinned. */
  readonly root: string | undefined;
  readonly onFinding: (finding: Finding) => void;
  /** After pins were made anew: the guard has to know their new directory. */
  readonly onRepaired?: () => void;
  /** Whether programs are attached by kprobes, which can be switched off as a whole. */
  readonly usesKprobes?: () => boolean;
  /** The file that does. */
  readonly kprobesSwitch?: string;
  /** Of the file system of pins; tests have another one. */
  readonly mounts?: { readonly isMounted: (path: string) => boolean; readonly mount: (path: string) => void };
  readonly nowMs?: () => number;
};

export type WatchdogCounts = {
  found: number;
  repaired: number;
  failed: number;
  /** Found, and not told of: no more than TOLD_MAX of a kind are within a second. */
  untold: number;
};

const KPROBES_SWITCH = '/sys/kernel/debug/kprobes/enabled';
/** A look costs about two microseconds; with four ticks in a second, 1,024 pins are looked at in one. */
const PINS_PER_TICK = 256;
const TOLD_MAX = 16;
const TOLD_WINDOW_MS = 1000;

/** What was told of, and since when that counts. */
type Window = { fromMs: number; told: number };

function noWindow(): Window {
  return { fromMs: Number.NEGATIVE_INFINITY, told: 0 };
}

type Watched = { readonly pin: WatchedPin; inode: bigint | undefined };

export class Watchdog {
  readonly counts: WatchdogCounts = { found: 0, repaired: 0, failed: 0, untold: 0 };
  readonly #options: WatchdogOptions;
  readonly #pins = new Map<string, Watched>();
  /** Those that have not been looked at in this round. */
  #round: Iterator<Watched> = [][Symbol.iterator]();
  readonly #told: Readonly<Record<Finding['what'], Window>> = {
    pin: noWindow(),
    mount: noWindow(),
    kprobes: noWindow(),
  };

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** From now on what is pinned there has to stay. One that was watched under this path is another one now. */
  watch(pin: WatchedPin): void {
    this.#pins.set(pin.path, { pin, inode: inodeOf(pin.path) });
  }

  /** To be called before it is removed on purpose. */
  forget(path: string): void {
    this.#pins.delete(path);
  }

  get watched(): number {
    return this.#pins.size;
  }

  tick(): void {
    const before = this.counts.repaired;
    this.#lookAtKprobes();
    this.#lookAtMount();
    this.#lookAtPins();
    if (this.counts.repaired > before) this.#options.onRepaired?.();
  }

  #lookAtKprobes(): void {
    const { usesKprobes, kprobesSwitch: path = KPROBES_SWITCH } = this.#options;
    if (usesKprobes?.() !== true || read(path) !== '0') return;
    this.#repair('kprobes', path, () => writeFileSync(path, '1'));
  }

  #lookAtMount(): void {
    const { root, mounts = { isMounted: isOnBpffs, mount: mountBpffs } } = this.#options;
    if (root === undefined || mounts.isMounted(root)) return;
    this.#repair('mount', root, () => {
      mounts.mount(root);
      mkdirSync(root, { recursive: true, mode: 0o700 });
      if (!mounts.isMounted(root)) throw new Error('it does not lie on a bpffs');
    });
  }

  #lookAtPins(): void {
    for (let looked = 0; looked < Math.min(PINS_PER_TICK, this.#pins.size); looked += 1) {
      const watched = this.#next();
      if (watched === undefined) return;
      const { pin } = watched;
      if (inodeOf(pin.path) === watched.inode && watched.inode !== undefined) continue;
      this.#repair('pin', pin.path, () => {
        mkdirSync(dirname(pin.path), { recursive: true, mode: 0o700 });
        rmSync(pin.path, { recursive: true, force: true });
        pin.repin();
        watched.inode = inodeOf(pin.path);
      });
    }
  }

  /** One that was forgotten meanwhile is passed over. */
  #next(): Watched | undefined {
    for (let turn = 0; turn < 2; turn += 1) {
      for (let next = this.#round.next(); next.done !== true; next = this.#round.next()) {
        if (this.#pins.get(next.value.pin.path) === next.value) return next.value;
      }
      this.#round = this.#pins.values();
    }
    return undefined;
  }

  #repair(what: Finding['what'], path: string, work: () => void): void {
    this.counts.found += 1;
    const failure = failureOf(work);
    if (failure === undefined) this.counts.repaired += 1;
    else this.counts.failed += 1;
    if (this.#mayTell(what)) this.#options.onFinding({ what, path, failure });
    else this.counts.untold += 1;
  }

  #mayTell(what: Finding['what']): boolean {
    const window = this.#told[what];
    const nowMs = (this.#options.nowMs ?? performance.now.bind(performance))();
    if (nowMs - window.fromMs >= TOLD_WINDOW_MS) {
      window.fromMs = nowMs;
      window.told = 0;
    }
    window.told += 1;
    return window.told <= TOLD_MAX;
  }
}

function failureOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  } catch {
    return undefined; // a part of the path is no directory any more
  }
}

/** Undefined where there is no such file: no kprobes, or no debugfs. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}
