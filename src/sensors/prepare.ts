/** Policies compiled for this machine, each with the slot that will be its own; nothing is loaded. */
import { bound } from '#abi';
import type { Target } from '#bpf';
import { type CompileResult, compile, type HostNamespaces, type Identities } from '#compiler';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Policy } from '#policy';
import { known } from '#std';
import { identify } from './identity.ts';

export type SlotPolicy = { readonly policy: Policy; readonly slot: number };

export type PrepareOptions = {
  readonly target: Target;
  readonly hostNamespaces: HostNamespaces;
  /** Where files that policies name are looked up: our own root, unless said. */
  readonly nodeRoot?: string | undefined;
  /** Slots that no policy has, in the order in which they are given; all, unless said. */
  readonly freeSlots?: readonly number[];
  /** The slot of a policy that is loaded already, word for word. */
  readonly slotOf?: (policy: Policy) => number | undefined;
  /** Bits that lists have already; see FollowLists. */
  readonly followBits?: ReadonlyMap<string, number>;
  /** Bits that workload selectors have already; see WorkloadTable. */
  readonly scopeBits?: ReadonlyMap<string, number>;
  readonly compile?: typeof compile;
  /** What was made of policies before: when it is the same again, it is not made anew. */
  readonly earlier?: Prepared | undefined;
};

export type Prepared = {
  readonly owners: readonly SlotPolicy[];
  readonly result: CompileResult;
  /** Of all that was done so far. */
  readonly diagnostics: readonly Diagnostic[];
  /** Compiles other policies in the same way; `ungated` as for the compiler. */
  readonly recompile: (owners: readonly SlotPolicy[], ungated?: ReadonlySet<string>) => CompileResult;
};

const ALL_SLOTS: readonly number[] = Array.from({ length: bound.policyMax }, (_, slot) => slot);
/** For whoever looks for a mistake: `off` leaves out of the programs whatever only saves work; see docs/performance.md. */
const OPTIMISE = 'RINGFENCE_OPTIMISE';

const NONE: ReadonlySet<string> = new Set();

const NOTHING: CompileResult = {
  image: undefined,
  programs: [],
  reports: [],
  follow: [],
  scopes: [],
  diagnostics: [],
  refused: [],
};

export function preparePolicies(policies: readonly Policy[], options: PrepareOptions): Prepared {
  const { target, hostNamespaces, freeSlots = ALL_SLOTS, slotOf = () => undefined } = options;
  const { followBits = new Map(), scopeBits = new Map(), nodeRoot = '/' } = options;
  const compileWith = (owners: readonly SlotPolicy[], identities: Identities, ungated: ReadonlySet<string>) =>
    (options.compile ?? compile)({
      ...{ policies: owners, target, identities, hostNamespaces, ungated },
      ...{ followBits, scopeBits, optimise: process.env[OPTIMISE] !== 'off' },
    });
  const recompile = (owners: readonly SlotPolicy[], ungated: ReadonlySet<string> = NONE) =>
    compileWith(
      owners,
      identify(
        owners.map(({ policy }) => policy),
        nodeRoot,
      ).identities,
      ungated,
    );
  const { identities, diagnostics } = identify(policies, nodeRoot);
  const fresh = policies.filter((policy) => slotOf(policy) === undefined);
  if (fresh.length > freeSlots.length) {
    const full = diagnostic('RF2302', fresh[freeSlots.length]?.span, { limit: bound.policyMax });
    return { owners: [], result: NOTHING, diagnostics: [...diagnostics, full], recompile };
  }
  const owners = policies.map((policy) => ({
    policy,
    slot: slotOf(policy) ?? known(freeSlots[fresh.indexOf(policy)], 'free slot'),
  }));
  const { earlier } = options;
  if (earlier !== undefined && followBits.size + scopeBits.size === 0 && isSame(earlier.owners, owners)) return earlier;
  const result = compileWith(owners, identities, NONE);
  return { owners, result, diagnostics: [...diagnostics, ...result.diagnostics], recompile };
}

function isSame(before: readonly SlotPolicy[], now: readonly SlotPolicy[]): boolean {
  return (
    before.length === now.length &&
    now.every(({ policy, slot }, index) => before[index]?.policy === policy && before[index].slot === slot)
  );
}
