/** What a policy record's numbers stand for. */

export type HookDescription = {
  readonly policyName: string;
  readonly namespace?: string | undefined;
  /** As the policy spells it. */
  readonly functionName: string;
  readonly message?: string | undefined;
  readonly tags: readonly string[];
  /** In the order of the policy's args; `type` resolved, never `auto`. */
  readonly arguments: readonly ArgumentDescription[];
};

export type ArgumentDescription = { readonly type: string; readonly label?: string | undefined };

/** Undefined when no policy has, or had, that slot in that incarnation. */
export type PolicyDirectory = (slot: number, incarnation: number, hook: number) => HookDescription | undefined;
