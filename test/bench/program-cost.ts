/** What a run of a compiled program costs, and where a lookup beats comparisons. */
import { scratchLayout } from '#abi';
import { sectionOf } from '#bpf';
import type { HookPlan } from '#compiler';
import { BpfObject, type BpfProgram, runProgram } from '#kernel';
import type { Policy } from '#policy';
import { known } from '#std';
import { TestMemory } from '../property/memory.ts';
import { resolvedPolicy } from '../property/parts.ts';
import type { Place } from '../property/place.ts';
import { type CompiledHook, compileHook, type Fault, Library } from '../property/program.ts';
import { hostNamespaces, type Situation } from '../property/situation.ts';
import { CROWDS, directoryOf, fileOpenPolicy, LIST_VALUES, named, openCrowd, openList } from './crowd.ts';
import { emptyProgram } from './empty-program.ts';
import { parseAll } from './parse.ts';
import { type Cell, table } from './table.ts';

/** The best batch counts, as nothing makes a run faster than it is; one is too short to be interrupted often. */
const BATCHES: Readonly<Record<Unit, number>> = { ns: 1_500, instructions: 5 };
const RUNS = 64;

const place: Place = {
  hook: 'lsm',
  parameters: [{ kind: 'path', type: 'file' }],
  denies: true,
  split: false,
};

/** A hook that no kernel has, of these policies. `fault` changes what the compiler would do. */
export function compileTest(policies: readonly Policy[], fault?: Fault): CompiledHook {
  return compileHook({
    policies: policies.map((policy, slot) => resolvedPolicy(policy, slot, place, 'whole', undefined)),
    identities: new Map(),
    followBits: new Map(),
    scopeBits: new Map(),
    fault,
  });
}

/** Instructions need a kernel that keeps statistics of its programs, by a clock that counts them. */
export type Unit = 'ns' | 'instructions';

/** The kernel's side of all measurements. */
export class ProgramBench {
  readonly #library = new Library();
  readonly #memory = new TestMemory(this.#library.object, this.#library.btf);
  readonly #scratch = this.#library.object.map('rf_test_facts').mapMemory({ writable: true });
  readonly #scratchView = new DataView(this.#scratch.buffer);
  readonly #empty = BpfObject.open(emptyProgram(sectionOf({ kind: 'test' })), { name: 'empty' });
  /** Of the costs. */
  readonly unit: Unit;

  constructor(unit: Unit) {
    this.unit = unit;
    this.#empty.load();
  }

  /** What a run takes beyond that of an empty program. */
  costOf(hook: CompiledHook, path: string): number {
    const { object, program } = this.#library.load(hook);
    using _object = object;
    this.#memory.write(hook.plan, hook.follow, situationOf(path));
    const empty = this.#empty.program('empty');
    let [least, leastEmpty] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let batch = 0; batch < BATCHES[this.unit]; batch += 1) {
      least = Math.min(least, this.#batchOf(program));
      leastEmpty = Math.min(leastEmpty, this.#batchOf(empty));
    }
    return least - leastEmpty;
  }

  [Symbol.dispose](): void {
    this.#empty.close();
    this.#scratch[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#library[Symbol.dispose]();
  }

  /** For each run. Each finds its texts read, and looks them up anew. */
  #batchOf(program: BpfProgram): number {
    const start = this.#clock(program);
    for (let run = 0; run < RUNS; run += 1) {
      this.#scratchView.setBigUint64(scratchLayout.rowsReady, 0n, true);
      runProgram(program);
    }
    return Number(this.#clock(program) - start) / RUNS;
  }

  #clock(program: BpfProgram): bigint {
    return this.unit === 'ns' ? process.hrtime.bigint() : program.info().runTimeNs;
  }
}

const encoder = new TextEncoder();

function situationOf(path: string): Situation {
  const noCapabilities = { Permitted: 0n, Effective: 0n, Inheritable: 0n };
  const subject = { pid: 4_711, namespacePid: 4_711, namespaces: hostNamespaces, capabilities: noCapabilities };
  const binary = encoder.encode('/usr/bin/cat');
  return {
    raw: [{ kind: 'path', bytes: encoder.encode(path), truncated: false, identity: undefined }],
    result: 0n,
    process: { binary, descent: { binaries: [binary], pids: [4_711], namespacePids: [4_711] }, subject },
    workload: { kind: 'host' },
    call: 0n,
  };
}

// ---- many policies ----

export function crowdTable(bench: ProgramBench): string {
  const inputs: readonly (readonly [name: string, texts: readonly string[], matching: string])[] = [
    ...CROWDS.map((count) => [named(count), openCrowd(count), `${directoryOf(count - 1)}a`] as const),
    [`1 policy, ${LIST_VALUES} values`, [openList(LIST_VALUES)], `${directoryOf(LIST_VALUES - 1)}secret`],
  ];
  const rows = inputs.map(([name, texts, matching]): readonly Cell[] => {
    const hook = compileTest(parseAll(texts));
    const none = bench.costOf(hook, '/usr/lib/x86_64-linux-gnu/libc.so.6');
    return [name, none, bench.costOf(hook, matching), hook.plan.sets.length === 0 ? 'compared' : 'looked up'];
  });
  return table([`${bench.unit} per run`, 'nothing matches', 'the last matches', 'values are'], rows);
}

// ---- comparisons against a lookup ----

const SEEN = `${directoryOf(7)}data/some-file-of-its-own`;

/** Values that do not match; `alike` ones are as long as what is seen, so that the first bytes have to be compared. */
const values = {
  'Equal, of other lengths': (index: number) => `${directoryOf(index)}${'x'.repeat(40 + (index % 50))}`,
  'Equal, as long': (index: number) => `/srv/${index}`.padEnd(SEEN.length, 'x'),
  Prefix: (index: number) => `/srv/${index}x`,
  Postfix: (index: number) => `-${index}.own`,
} as const;

/** A lookup costs the same whatever their number is. */
const LOOKED_UP = 1_000;
const COUNTS = [16, 32, 64, 128, 256] as const;

/** Whatever number of values the compiler compares in the code, here it compares all. */
export function thresholdTable(bench: ProgramBench): string {
  const rows = Object.entries(values).map(([name, make]): readonly Cell[] => {
    const [operator = ''] = name.split(',');
    const hookOf = (count: number, fault?: Fault) => {
      const list = Array.from({ length: count }, (_, index) => make(index));
      return compileTest(parseAll([fileOpenPolicy('list', [{ operator, values: list }])]), fault);
    };
    const compared = COUNTS.map((count) => bench.costOf(hookOf(count, comparing()), SEEN));
    const lookup = bench.costOf(hookOf(LOOKED_UP), SEEN);
    const each = ((compared.at(-1) ?? 0) - (compared[0] ?? 0)) / (COUNTS[4] - COUNTS[0]);
    const fixed = (compared[0] ?? 0) - COUNTS[0] * each;
    return [name, ...compared, lookup, Math.round((lookup - fixed) / each)];
  });
  return table([`${bench.unit} per run`, ...COUNTS.map((count) => `${count} compared`), 'looked up', 'even at'], rows);
}

/** Leaves the allocation of sets out. */
function comparing(): Fault {
  let lowered: HookPlan | undefined;
  return {
    name: 'no sets',
    onLowered: (plan) => {
      lowered = plan;
      return plan;
    },
    onAllocated: () => known(lowered, 'plan'),
  };
}
