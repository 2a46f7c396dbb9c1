/** How often each filter answered what: every operator on every type, and every filter on the process. */
import type { ArgumentMatch, Hook, Machine, Observation, Policy, Selector } from '#policy';
import { known } from '#std';
import { operatorsOf } from '../../src/policy/operators.ts';
import { workloadAnswer } from '../../src/policy/semantics.ts';
import type { Answer } from '../../src/policy/semantics-answer.ts';
import { argumentAnswer } from '../../src/policy/semantics-argument.ts';
import { binaryAnswer, capabilityAnswer, namespaceAnswer, pidAnswer } from '../../src/policy/semantics-process.ts';
import { wishes } from './place.ts';
import { processWishes } from './policies.ts';
import { rowOfBinaries, rowOfCapabilities, rowOfNamespaces, rowOfPids, rowOfWish } from './process-rows.ts';

type Counts = Record<Answer, number>;

const policyScope = 'workloads of the policy';
const selectorScope = 'matchWorkloads';

/** What a filter can answer: numbers are always there, and what is kept with a process too. */
const always: readonly Answer[] = ['yes', 'no'];
const maybe: readonly Answer[] = ['yes', 'no', 'unknown'];

export class Coverage {
  readonly #rows = new Map<string, Counts>();
  readonly #possible = new Map<string, readonly Answer[]>();

  constructor() {
    for (const { type, operator } of wishes) {
      const isNumber = operatorsOf(type).includes('Mask') && (type !== 'auto' || numberOperators.includes(operator));
      this.#expect(`${type} ${operator}`, isNumber ? always : maybe);
    }
    for (const wish of processWishes)
      this.#expect(rowOfWish(wish), wish.kind === 'pids' && wish.follow ? always : maybe);
    for (const row of [policyScope, selectorScope]) this.#expect(row, maybe);
  }

  #expect(row: string, possible: readonly Answer[]): void {
    this.#rows.set(row, { yes: 0, no: 0, unknown: 0 });
    this.#possible.set(row, possible);
  }

  add(policy: Policy, hook: Hook, observation: Observation, machine: Machine): void {
    const at = { policy, hook, observation, machine };
    const { workload } = observation;
    if (policy.scope !== undefined) this.#count(policyScope, workloadAnswer(policy.scope, workload));
    for (const selector of hook.selectors) {
      if (selector.workloads !== undefined) this.#count(selectorScope, workloadAnswer(selector.workloads, workload));
      for (const match of selector.arguments) this.#count(argumentRow(match, hook), argumentAnswer(match, at));
      this.#addProcess(selector, observation);
    }
  }

  #addProcess(selector: Selector, { process, hostNamespaces }: Observation): void {
    const { binaries, pids, namespaces, capabilities } = selector;
    if (binaries !== undefined) this.#count(rowOfBinaries(binaries), binaryAnswer(binaries, process));
    for (const match of pids) this.#count(rowOfPids(match), pidAnswer(match, process));
    for (const match of namespaces) {
      this.#count(rowOfNamespaces(match), namespaceAnswer(match, process, hostNamespaces));
    }
    for (const match of capabilities) {
      this.#count(rowOfCapabilities(match), capabilityAnswer(match, process, hostNamespaces));
    }
  }

  #count(row: string, answer: Answer): void {
    known(this.#rows.get(row), row)[answer] += 1;
  }

  /** Rows in which an answer that can be given was given less often than that. */
  below(limit: number): readonly string[] {
    return [...this.#rows].flatMap(([row, counts]) => {
      const rare = known(this.#possible.get(row), row).filter((answer) => counts[answer] < limit);
      return rare.map((answer) => `${row}: ${answer} ${counts[answer]} times`);
    });
  }

  toString(): string {
    const lines = [...this.#rows].map(([row, { yes, no, unknown }]) => {
      return `${row.padEnd(36)}${[yes, no, unknown].map((count) => String(count).padStart(10)).join('')}`;
    });
    return [
      `${'filter'.padEnd(36)}${['yes', 'no', 'unknown'].map((name) => name.padStart(10)).join('')}`,
      ...lines,
    ].join('\n');
  }
}

/** With `auto` the compiler decides what these are tests of. */
const numberOperators: readonly string[] = ['GT', 'LT', 'InRange', 'NotInRange', 'Mask', 'InMap', 'NotInMap'];

function argumentRow({ argument, operator }: ArgumentMatch, hook: Hook): string {
  return `${known(hook.arguments[argument], 'argument').type.value} ${operator.value}`;
}
