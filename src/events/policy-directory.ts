/** What a policy record's numbers stand for. */

export type HookDescription = {
  readonly policyName: string;
  readonly namespace: string | undefined;
  /** As the policy declares it, whatever its programs are attached to. */
  readonly declared: DeclaredHook;
  readonly message: string | undefined;
  readonly tags: readonly string[];
  /** In the order of the policy's args; `type` resolved, never `auto`. Those of type `nop` are not told of. */
  readonly arguments: readonly ArgumentDescription[];
  /** Of what the call returns; undefined when the policy does not ask for it. */
  readonly result: ArgumentDescription | undefined;
  /** Of the kernel, whose tables the numbers of system calls are in. */
  readonly architecture: 'x86_64' | 'aarch64';
  /** Where the verdict is taken and what it looks at, when that is not where the policy says. */
  readonly decided: { readonly at: string; readonly on: string } | undefined;
  /** The verdict looks at memory that another thread can change. */
  readonly racy: boolean;
  /** What the program returns can stop the call. */
  readonly denies: boolean;
};

/** `functionName` as the kernel has it: `__x64_sys_openat`, `tcp_connect`; of an LSM hook the name of the hook. */
export type DeclaredHook =
  | { readonly kind: 'lsm'; readonly functionName: string }
  | { readonly kind: 'kprobe'; readonly functionName: string }
  | { readonly kind: 'tracepoint'; readonly subsystem: string; readonly event: string };

export type ArgumentDescription = { readonly type: string; readonly label: string | undefined };

/** Of a record whose policy is not known any more. */
export const unknownHook: HookDescription = {
  policyName: '',
  namespace: undefined,
  declared: { kind: 'lsm', functionName: '' },
  message: undefined,
  tags: [],
  arguments: [],
  result: undefined,
  architecture: 'x86_64',
  decided: undefined,
  racy: false,
  denies: true,
};

/** `entry`: position of the hook in the policy. Undefined when no policy has, or had, that slot in that incarnation. */
export type PolicyDirectory = (slot: number, incarnation: number, entry: number) => HookDescription | undefined;
