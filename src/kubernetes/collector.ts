/**
 * Adds up what all nodes say, for each policy: one program of the cluster does it, and writes what comes out, the status
 * of the policy itself where its definition has one, and an event when the word for it becomes another.
 */
import type { PolicyCondition, PolicyStatusReport } from '#crd';
import type { EnvironmentError } from '#diagnostics';
import type { ApiClient } from './api-client.ts';
import { ApiError, explained } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { Fleet, type FleetPolicy, revisionOf } from './fleet.ts';
import { FleetSource } from './fleet-source.ts';
import { listOf, objectOf } from './json.ts';
import { pause } from './pause.ts';
import {
  COLLECTOR,
  eventObject,
  eventPathOf,
  inPolicyOf,
  policyObject,
  policyPathOf,
  reportObject,
  reportPathOf,
  reportResourceOf,
} from './policy-objects.ts';
import type { ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';
import { tallyOf } from './tally.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export type CollectorTimes = {
  /** Between two looks at what changed. */
  readonly roundMs: number;
  /** Between two writes of one policy, when nodes came or changed their state. */
  readonly statesMs: number;
  /** Between two writes of one policy, when only numbers are others. */
  readonly numbersMs: number;
  /** Between two writes of the status that every agent hears of, unless the word for it is another. */
  readonly policyMs: number;
};

export type CollectorOptions = {
  readonly client: ApiClient;
  readonly onError: (error: EnvironmentError) => void;
  readonly onState: (resource: string, state: SourceState) => void;
  readonly times?: Partial<CollectorTimes>;
  readonly reflectorTimes?: Partial<ReflectorTimes>;
};

const TIMES: CollectorTimes = { roundMs: 1_000, statesMs: 10_000, numbersMs: 300_000, policyMs: 60_000 };
/** A definition of somebody else's may have no place for a status, until it is replaced. */
const WITHOUT_STATUS_MS = 600_000;
const RETRY_MS = { first: 1_000, max: 60_000 };
/** Answers that say something of the object, and not of us or of the server. */
const OF_ONE_OBJECT: readonly number[] = [400, 404, 409, 413, 422];
const NEVER = Number.NEGATIVE_INFINITY;

/** What was written of a policy last. */
type Written = Forms & {
  readonly uid: string;
  readonly atMs: number;
  readonly conditions: readonly PolicyCondition[];
  readonly verdict: Verdict['reason'] | undefined;
  readonly inPolicyAtMs: number;
};

const NOTHING_WRITTEN: Omit<Written, 'uid'> = {
  ...{ atMs: NEVER, inPolicyAtMs: NEVER, states: '', whole: '', inPolicy: '', conditions: [], verdict: undefined },
};

export class Collector {
  readonly #options: CollectorOptions;
  readonly #times: CollectorTimes;
  readonly #fleet = new Fleet();
  readonly #source: FleetSource;
  readonly #retry = new Backoff(RETRY_MS);
  readonly #dirty = new Set<string>();
  readonly #written = new Map<string, Written>();
  #withoutStatusUntilMs = NEVER;
  #writes = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#source = new FleetSource({
      ...{ client: options.client, fleet: this.#fleet, onState: options.onState, times: options.reflectorTimes },
      onChanged: (key) => this.#dirty.add(key),
      onGone: (key) => {
        this.#dirty.delete(key);
        this.#written.delete(key); // what was written of it goes with it
      },
    });
  }

  /** Reports of policies, in all. */
  get writes(): number {
    return this.#writes;
  }

  async run(signal: AbortSignal): Promise<void> {
    const hearing = this.#source.run(signal);
    while (!signal.aborted) {
      // before, what is not listed yet would count as gone
      const done = !this.#source.complete || (await this.#round(signal));
      if (done) this.#retry.reset();
      await pause(done ? this.#times.roundMs : this.#retry.nextMs(), signal);
    }
    await hearing;
  }

  /** False when the server is away, or lets us write nothing: the rest is for later. */
  async #round(signal: AbortSignal): Promise<boolean> {
    for (const key of [...this.#dirty]) {
      const policy = this.#fleet.policy(key);
      if (policy === undefined) this.#dirty.delete(key);
      else if (signal.aborted || !(await this.#writeInTime(policy, signal))) return false;
    }
    return true;
  }

  async #writeInTime(policy: FleetPolicy, signal: AbortSignal): Promise<boolean> {
    const known = this.#written.get(policy.key);
    const before = known?.uid === policy.uid ? known : undefined;
    const now = performance.now();
    if (now - (before?.atMs ?? NEVER) < this.#times.statesMs) return true; // it stays on the list
    try {
      const conditions = before?.conditions ?? (await this.#formerConditions(policy, signal));
      this.#dirty.delete(policy.key); // what comes while it is written puts it there again
      const tally = this.#tally(policy, conditions);
      const after = await this.#write(policy, { tally, before, now }, signal);
      if (this.#fleet.policy(policy.key) === undefined) return true; // it went meanwhile
      this.#written.set(policy.key, after);
      const { whole, inPolicy } = formsOf(tally);
      const isWritten = after.whole === whole && (after.inPolicy === inPolicy || now < this.#withoutStatusUntilMs);
      if (!isWritten) this.#dirty.add(policy.key);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#dirty.add(policy.key);
      this.#complain(error, 'patch', reportResourceOf(policy));
      const isOfThisPolicy = error instanceof ApiError && OF_ONE_OBJECT.includes(error.status);
      if (isOfThisPolicy) this.#written.set(policy.key, { ...NOTHING_WRITTEN, ...before, uid: policy.uid, atMs: now });
      return isOfThisPolicy;
    }
  }

  #tally(policy: FleetPolicy, before: readonly PolicyCondition[]): PolicyStatusReport {
    const { key, generation } = policy;
    const nodes = this.#fleet.answers(key);
    return tallyOf({ revision: revisionOf(policy), generation, nodes, before, now: new Date() });
  }

  /** What is due of the report, the status of the policy, and an event; returns what is written now. */
  async #write(policy: FleetPolicy, { tally, before, now }: Write, signal: AbortSignal): Promise<Written> {
    const { uid } = policy;
    const { conditions } = tally;
    const { states, whole, inPolicy } = formsOf(tally);
    const verdict = verdictOf(tally);
    const isNews = verdict.reason !== before?.verdict;
    let after: Written = before ?? { ...NOTHING_WRITTEN, uid };
    const isNumbersTime = now - after.atMs >= this.#times.numbersMs;
    if (after.states !== states || (isNumbersTime && after.whole !== whole)) {
      await this.#apply(reportPathOf(policy), reportObject(policy, tally), signal);
      this.#writes += 1;
      after = { ...after, atMs: now, states, whole, conditions };
    }
    const isPolicyTime = isNews || now - after.inPolicyAtMs >= this.#times.policyMs;
    if (after.inPolicy !== inPolicy && isPolicyTime && now >= this.#withoutStatusUntilMs) {
      const done = await this.#writeIntoPolicy(policy, tally, signal);
      if (done) after = { ...after, inPolicyAtMs: now, inPolicy };
    }
    if (isNews && verdict.reason !== 'Pending') await this.#tell(policy, verdict, signal);
    return { ...after, verdict: verdict.reason };
  }

  /** What the collector before this one wrote: conditions keep their times. */
  async #formerConditions(policy: FleetPolicy, signal: AbortSignal): Promise<readonly PolicyCondition[]> {
    const object = await this.#get(reportPathOf(policy), signal);
    return listOf(objectOf(objectOf(object).status).conditions) as readonly PolicyCondition[];
  }

  async #writeIntoPolicy(policy: FleetPolicy, tally: PolicyStatusReport, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#apply(`${policyPathOf(policy)}/status`, policyObject(policy, tally), signal);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      const isThere = (await this.#get(policyPathOf(policy), signal)) !== undefined;
      if (isThere) this.#withoutStatusUntilMs = performance.now() + WITHOUT_STATUS_MS;
      return false;
    }
  }

  async #tell(policy: FleetPolicy, verdict: Verdict, signal: AbortSignal): Promise<void> {
    const body = eventObject(policy, verdict, new Date());
    try {
      await this.#options.client.send({ method: 'POST', path: eventPathOf(policy), body, signal });
    } catch (error) {
      if (!signal.aborted) this.#complain(error, 'create', 'events'); // the report says the same
    }
  }

  /** Undefined where there is none. */
  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#options.client.send({ method: 'GET', path, signal }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  #complain(error: unknown, verb: string, resource: string): void {
    const { client, onError } = this.#options;
    onError(explained(error, { server: client.server, verb, resource }));
  }

  async #apply(path: string, body: object, signal: AbortSignal): Promise<void> {
    const contentType = 'application/apply-patch+yaml';
    const query = `fieldManager=${COLLECTOR}&force=true`;
    await this.#options.client.send({ method: 'PATCH', path: `${path}?${query}`, contentType, body, signal });
  }
}

type Write = { readonly tally: PolicyStatusReport; readonly before: Written | undefined; readonly now: number };

type Forms = Readonly<Record<'states' | 'whole' | 'inPolicy', string>>;

/** To compare by: what is worth a write soon, all of it but the time, and what the policy itself says. */
function formsOf(tally: PolicyStatusReport): Forms {
  const { reported: _, conditions, ...rest } = tally;
  const told = conditions.map(({ type, status, message }) => [type, status, message]);
  const inPolicy = inPolicyOf(tally);
  return {
    states: JSON.stringify([inPolicy, tally.exceptions, tally.effect, told]),
    whole: JSON.stringify([rest, told]),
    inPolicy: JSON.stringify(inPolicy),
  };
}
