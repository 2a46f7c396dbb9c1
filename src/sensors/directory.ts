/** What the numbers of a policy record stand for: by slot, incarnation and hook. */
import type { CompileResult } from '#compiler';
import type { Argument, Policy } from '#policy';
import { assertNever, known } from '#std';

type ArgumentPlan = CompileResult['programs'][number]['plan']['policies'][number]['arguments'][number];

export type DirectoryEntry = {
  readonly policyName: string;
  readonly namespace: string | undefined;
  readonly functionName: string;
  readonly message: string | undefined;
  readonly tags: readonly string[];
  readonly arguments: readonly { readonly type: string; readonly label: string | undefined }[];
};

export type SlotOwner = { readonly policy: Policy; readonly slot: number; readonly incarnation: number };

/** A replacement tells of all its policies anew, so what is oldest is what was replaced first. */
const ENTRIES_MAX = 65_536;

export class Directory {
  readonly #entries = new Map<string, DirectoryEntry>();

  find(slot: number, incarnation: number, hook: number): DirectoryEntry | undefined {
    return this.#entries.get(keyOf(slot, incarnation, hook));
  }

  add({ policy, slot, incarnation }: SlotOwner, programs: CompileResult['programs']): void {
    for (const { plan } of programs) {
      const part = plan.policies.find((each) => each.slot === slot);
      const hook = policy.hooks.find((each) => each.name.value === plan.hook);
      if (part === undefined || hook === undefined) continue;
      this.#entries.set(keyOf(slot, incarnation, plan.id), {
        policyName: policy.name,
        namespace: policy.namespace,
        functionName: plan.hook,
        message: hook.message,
        tags: hook.tags,
        arguments: hook.arguments.map((argument, position) => ({
          type: typeName(argument, known(part.arguments[position], 'argument plan')),
          label: argument.label,
        })),
      });
    }
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) break;
      this.#entries.delete(oldest);
    }
  }
}

function keyOf(slot: number, incarnation: number, hook: number): string {
  return `${slot}/${incarnation}/${hook}`;
}

/** `auto` is what the kernel's types made of it. */
function typeName(argument: Argument, plan: ArgumentPlan): string {
  if (argument.type.value !== 'auto') return argument.type.value;
  switch (plan.kind) {
    case 'path':
      return plan.type;
    case 'integer':
      return `${plan.signed ? 'int' : 'uint'}${plan.bits}`;
    default:
      return assertNever(plan);
  }
}
