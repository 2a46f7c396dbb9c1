/** The policies, loaded: compiled together, linked with the runtime library, one program attached per hook. */
import { bound, mode, policyLayout } from '#abi';
import type { SensorImage, Target } from '#bpf';
import { type CompileResult, compile } from '#compiler';
import { type Diagnostic, diagnostic, hasErrors } from '#diagnostics';
import { BpfObject, type Link, LoadRejected, linkObjects, u32Key } from '#kernel';
import type { Policy } from '#policy';
import { known } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { writeConstants } from './constants.ts';
import { Directory, type SlotOwner } from './directory.ts';
import { identify } from './identity.ts';

export type PolicySensorOptions = {
  readonly base: BaseSensor;
  readonly target: Target;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
};

export type PolicyCounts = Readonly<
  Record<'matches' | 'posted' | 'killed' | 'denied' | 'monitored' | 'unreadable', bigint>
>;

/** Programs in the kernel; letting go detaches them. */
type Loaded = { readonly object: BpfObject; readonly links: readonly Link[] };

export class PolicySensor {
  readonly directory = new Directory();
  readonly #options: PolicySensorOptions;
  readonly #owners: (SlotOwner | undefined)[] = new Array<SlotOwner | undefined>(bound.policyMax);
  #incarnations = 0;
  #loaded: Loaded | undefined;

  constructor(options: PolicySensorOptions) {
    this.#options = options;
  }

  /**
   * Makes `policies` what is loaded. With an error among the diagnostics nothing has changed: what was loaded goes on.
   * New programs enforce from the moment they are attached, old ones until they are detached.
   */
  replace(policies: readonly Policy[]): readonly Diagnostic[] {
    const { identities, diagnostics: unnamed } = identify(policies);
    const owners = this.#assignSlots(policies);
    if (owners === undefined)
      return [diagnostic('RF2302', policies[bound.policyMax]?.span, { limit: bound.policyMax })];
    const result = compile({ policies: owners, target: this.#options.target, identities });
    const diagnostics = [...unnamed, ...result.diagnostics];
    if (hasErrors(diagnostics) || result.image === undefined) return diagnostics;
    for (const owner of owners) this.#writeSlot(owner, result);
    try {
      this.#swap(result.image.hooks.length === 0 ? undefined : this.#load(result.image));
    } catch (error) {
      if (!(error instanceof LoadRejected)) throw error;
      return [...diagnostics, rejection(error, result)];
    }
    this.#owners.fill(undefined);
    for (const owner of owners) this.#owners[owner.slot] = owner;
    return diagnostics;
  }

  /** By policy, in the order of the slots. */
  counts(): readonly { readonly name: string; readonly counts: PolicyCounts }[] {
    const map = this.#options.base.map('rf_policies');
    return this.#owners
      .filter((owner) => owner !== undefined)
      .map(({ policy, slot }) => {
        const value = known(map.lookup(u32Key(slot)), 'policy state');
        const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
        const read = (offset: number) => view.getBigUint64(offset, true);
        return {
          name: policy.name,
          counts: {
            matches: read(policyLayout.matches),
            posted: read(policyLayout.posted),
            killed: read(policyLayout.killed),
            denied: read(policyLayout.denied),
            monitored: read(policyLayout.monitored),
            unreadable: read(policyLayout.unreadable),
          },
        };
      });
  }

  [Symbol.dispose](): void {
    this.#swap(undefined);
  }

  /** New policies get free slots: the old ones count, and are told of, until they are detached. */
  #assignSlots(policies: readonly Policy[]): readonly SlotOwner[] | undefined {
    const free = Array.from(this.#owners.keys()).filter((slot) => this.#owners[slot] === undefined);
    if (free.length < policies.length) return undefined;
    return policies.map((policy, index) => {
      this.#incarnations += 1;
      return { policy, slot: known(free[index], 'free slot'), incarnation: this.#incarnations };
    });
  }

  #writeSlot(owner: SlotOwner, result: CompileResult): void {
    const value = new Uint8Array(policyLayout.bytes);
    const view = new DataView(value.buffer);
    view.setUint32(policyLayout.mode, mode[owner.policy.mode], true);
    view.setUint32(policyLayout.incarnation, owner.incarnation, true);
    this.#options.base.map('rf_policies').update(u32Key(owner.slot), value);
    this.directory.add(owner, result.programs);
  }

  #load(image: SensorImage): Loaded {
    const { base, runtime } = this.#options;
    using undo = new DisposableStack();
    const linked = linkObjects([runtime, image.object]);
    const object = undo.use(BpfObject.open(linked, { name: 'rf_policies' }));
    for (const map of base.maps) object.reuseMap(map.name, map);
    writeConstants(object, linked, base.constants);
    object.load();
    const links = image.hooks.map((hook) => undo.use(object.program(hook.program).attach()));
    undo.move();
    return { object, links };
  }

  #swap(next: Loaded | undefined): void {
    const previous = this.#loaded;
    this.#loaded = next;
    if (previous === undefined) return;
    for (const link of previous.links) link.destroy();
    previous.object.close();
  }
}

/** The verifier stopped at an instruction: our own table says which line of which policy it serves. */
function rejection(error: LoadRejected, { image }: CompileResult): Diagnostic {
  const hook = image?.hooks.find((each) => each.program === error.program);
  const span = error.instruction === undefined ? undefined : hook?.spans[error.instruction];
  return diagnostic('RF2201', span, { hook: hook?.hook ?? error.program, reason: error.reason });
}
