/** The intermediate form: programs with the facts that they read, the sets that they look up, tests and acts. */
import type { Architecture, AttachPoint } from '#bpf';
import type { Span } from '#diagnostics';
import type { Hook, IntegerShape, WorkloadSelector } from '#policy';

/** One program: all policies of one attach point, in the order of their slots. */
export type HookPlan = {
  readonly id: number;
  readonly point: AttachPoint;
  readonly arch: Architecture;
  readonly span: Span;
  /** Whether what it returns can stop the call. */
  readonly denies: boolean;
  /** Shared by all policies; a fact's number is its index. */
  readonly facts: readonly Fact[];
  /** Shared by all policies; a set's row is its index. */
  readonly sets: readonly SetPlan[];
  readonly policies: readonly PolicyPlan[];
};

export type PolicyPlan = {
  readonly name: string;
  readonly slot: number;
  /** Position of the hook in the policy. */
  readonly entry: number;
  readonly hook: Hook;
  readonly span: Span;
  readonly phase: Phase;
  /** What the policy is about: without it nothing of the policy is read. At the return the entry has decided. */
  readonly scope: ScopeTest | undefined;
  /** The call must be of this system call. */
  readonly guard: IntegerTest | undefined;
  /** What is told of, by position in the policy's args. */
  readonly told: readonly ToldArgument[];
  /** What the call returned, where this phase sees it. */
  readonly result: { readonly fact: Fact; readonly shape: IntegerShape } | undefined;
  readonly selectors: readonly SelectorPlan[];
};

/**
 * `whole`: one program sees all that there is to see. `entry`: what matches waits for the return of the call.
 * `return`: goes on with what has waited.
 */
export type Phase = 'whole' | 'entry' | 'return';

/** `shape`: of an integer. */
export type ToldArgument = {
  readonly position: number;
  readonly fact: Fact;
  readonly as: ToldKind;
  readonly shape: IntegerShape | undefined;
};
export type ToldKind = 'integer' | 'path' | 'string' | 'bytes' | 'socket' | 'credentials';

/** A value of the call at hand. What it points to is read lazily, and once while it holds its slot. */
export type Fact = { readonly number: number; readonly source: Source; readonly value: FactValue };

export type FactValue =
  /**
   * As in the register: each policy looks at as many bits as it declares, above them there may be garbage. A length is
   * handed to a reader, which does not know how wide it is: one of less than 64 bits is narrowed to `as` before.
   */
  | { readonly kind: 'integer'; readonly as?: IntegerShape }
  /** `size`: the number of the fact that holds how many bytes there are. */
  | { readonly kind: 'text'; readonly reader: TextReader; readonly slot: number; readonly size: number | undefined }
  /** `size`: the same; of a message, the number of the fact that is the socket. */
  | { readonly kind: 'socket'; readonly reader: SocketReader; readonly slot: number; readonly size: number | undefined }
  | { readonly kind: 'credentials' };

/** Functions rf_read_NAME of the runtime. */
export type TextReader =
  | 'file'
  | 'path'
  | 'dentry'
  | 'binprm'
  | 'fd'
  | 'string'
  | 'string_user'
  | 'filename'
  | 'open_name'
  | 'binprm_name'
  | 'bytes'
  | 'bytes_user';
export type SocketReader = 'sock' | 'socket' | 'skb' | 'sockaddr' | 'sockaddr_user' | 'msghdr_sock' | 'msghdr_socket';

/** Where the raw value comes from. */
export type Source =
  /** Word `index` of the context of a typed program (lsm, fentry, fexit, tp_btf). */
  | { readonly kind: 'context'; readonly index: number }
  /** Argument `index` of a function, from the registers of a kprobe. */
  | { readonly kind: 'register'; readonly index: number }
  /** Argument `index` of the system call: of its wrapper in fentry and kprobe, else of the one the task is in. */
  | { readonly kind: 'syscall'; readonly index: number }
  /** What the function returned; `index` is the number of its arguments, behind which fexit has it. */
  | { readonly kind: 'result'; readonly index: number }
  /** A field of the record of a classic tracepoint. */
  | { readonly kind: 'field'; readonly offset: number; readonly bytes: 1 | 2 | 4 | 8 }
  /** The address of a field of the record of a classic tracepoint; `dataLocation`: of the data that it points to. */
  | { readonly kind: 'field-address'; readonly offset: number; readonly dataLocation: boolean }
  /** The number of the system call, as the type syscall64 has it, made from the number that `of` holds. */
  | { readonly kind: 'syscall64'; readonly of: Source }
  /** The number of the system call that the task is in, as rf_syscall_current() gives it. */
  | { readonly kind: 'current-syscall' }
  /** The reader knows where to look. */
  | { readonly kind: 'none' };

/** `listed`: who matched is named if its own binary is in the list with this bit, rather than that of an ancestor. */
export type Named =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'all' }
  | { readonly kind: 'listed'; readonly bit: number };

export type SelectorPlan = {
  readonly index: number;
  readonly span: Span;
  /** All must hold; ordered by cost. */
  readonly tests: readonly Test[];
  /** Whom it names; others that the node can not do without are not killed. */
  readonly names: Named;
  readonly act: Act;
  readonly returned: ReturnPlan;
};

/** What is done when the call returns, and `tests` hold of its result. */
export type ReturnPlan = { readonly tests: readonly Test[]; readonly act: Act };

/** `error`: what a denial returns, from -4095 to -1. `signal`: 0 for none. */
export type Act = {
  readonly post: boolean;
  readonly kill: boolean;
  readonly signal: number;
  readonly override: boolean;
  readonly error: number;
  readonly span: Span;
};

export type BytesValue = { readonly bytes: Uint8Array; readonly span: Span };
export type FileIdentity = { readonly inode: bigint; readonly device: number };
/** Both ends belong to it. In the order of the fact's signedness. */
export type Range = { readonly minimum: bigint; readonly maximum: bigint; readonly span: Span };

export type Test =
  | IntegerTest
  | ScopeTest
  | TextTest
  | SocketTest
  | BinaryTest
  | FollowTest
  | PidTest
  | NamespaceTest
  | CapabilityTest;

/** Bit `bit` of row `set`: the test is one of those that the set answers. */
export type InSet = { readonly set: number; readonly bit: number };

export type IntegerTest = {
  readonly kind: 'integer';
  readonly fact: Fact;
  /** `bits`: the narrower of what the policy declares and what the kernel passes. */
  readonly shape: IntegerShape;
  readonly negated: boolean;
  readonly how:
    | { readonly kind: 'ranges'; readonly ranges: readonly Range[] }
    | { readonly kind: 'mask'; readonly masks: readonly { readonly value: bigint; readonly span: Span }[] }
    | ({ readonly kind: 'set' } & InSet);
  readonly span: Span;
};

/** Bit `bit` of what is kept with the cgroup of the caller; see struct rf_workload. */
export type ScopeTest = {
  readonly kind: 'scope';
  readonly bit: number;
  readonly negated: false;
  readonly span: Span;
};

export type TextOperator = 'equal' | 'prefix' | 'postfix';

/** A value matches when it is one of the inline ones, or the set says so, or the file is one of the identities. */
export type TextTest = {
  readonly kind: 'text';
  readonly fact: Fact;
  readonly operator: TextOperator;
  readonly negated: boolean;
  /** An empty one matches neither the test nor its negation, as no path is empty. */
  readonly emptyNever: boolean;
  readonly values: readonly BytesValue[];
  readonly inSet: InSet | undefined;
  /** What the set has of it. */
  readonly listed?: readonly BytesValue[];
  /** Files that match whatever their name is; others are in a set. */
  readonly identities: readonly FileIdentity[];
  readonly identityInSet: InSet | undefined;
  readonly span: Span;
};

export type SocketTest = {
  readonly kind: 'socket';
  readonly fact: Fact;
  readonly negated: boolean;
  readonly how:
    | { readonly kind: 'number'; readonly field: SocketField; readonly ranges: readonly Range[] }
    | {
        readonly kind: 'address';
        readonly side: 'source' | 'destination';
        readonly networks: readonly Network[];
        readonly inSet: InSet | undefined;
      };
  readonly span: Span;
};
export type SocketField = 'sourcePort' | 'destinationPort' | 'protocol' | 'family' | 'state';
export type Network = {
  readonly version: 4 | 6;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  readonly span: Span;
};

export type BinaryTest = {
  readonly kind: 'binary';
  readonly operator: TextOperator;
  readonly negated: boolean;
  readonly values: readonly BytesValue[];
  /** Of a test that is negated, those values that are memory files: what is elsewhere is compared with these alone. */
  readonly memoryFiles: readonly BytesValue[];
  readonly inSet: InSet | undefined;
  readonly span: Span;
};

/** The process is in a list, or descends from one that is: bit `bit` of its state. `list`: what it lists. */
export type FollowTest = {
  readonly kind: 'follow';
  readonly list: 'binaries' | 'pids';
  readonly bit: number;
  readonly negated: boolean;
  readonly span: Span;
};

export type PidTest = {
  readonly kind: 'pid';
  readonly inNamespace: boolean;
  readonly negated: boolean;
  readonly values: readonly number[];
  readonly span: Span;
};

export type NamespaceTest = {
  readonly kind: 'namespace';
  readonly field: NamespaceField;
  readonly negated: boolean;
  readonly values: readonly number[];
  readonly span: Span;
};
export type NamespaceField =
  | 'uts'
  | 'ipc'
  | 'mnt'
  | 'pid'
  | 'pidForChildren'
  | 'net'
  | 'time'
  | 'timeForChildren'
  | 'cgroup'
  | 'user';

export type CapabilityTest = {
  readonly kind: 'capability';
  readonly set: 'Effective' | 'Inheritable' | 'Permitted';
  readonly negated: boolean;
  /** Only in another user namespace than this one. */
  readonly notInUserNamespace: number | undefined;
  readonly mask: bigint;
  readonly span: Span;
};

/** A trie that answers the tests of many values at once: a bit for each test. */
export type SetPlan = {
  readonly map: string;
  readonly key: SetKey;
  /** How many tests it answers. */
  readonly tests: number;
  readonly entries: readonly SetEntry[];
};

/** `bits`: how many of `bytes` count. `row`: a bit for each test that holds of everything that begins so. */
export type SetEntry = { readonly bytes: Uint8Array; readonly bits: number; readonly row: Uint32Array };

export type SetKey =
  | { readonly kind: 'text'; readonly fact: Fact; readonly direction: 'forward' | 'reverse' }
  | { readonly kind: 'binary'; readonly direction: 'forward' | 'reverse' }
  /** The value as eight bytes in network order; the sign bit of a signed one is turned over, so that order is kept. */
  | { readonly kind: 'integer'; readonly fact: Fact; readonly shape: IntegerShape }
  /** Inode number and device of a file, as the machine has them. */
  | { readonly kind: 'identity'; readonly fact: Fact }
  /** The version of the address, then its bytes. */
  | { readonly kind: 'address'; readonly fact: Fact; readonly side: 'source' | 'destination' };

/** Lists whose members' descendants count too; see the bits of struct rf_process. */
export type FollowList = { readonly bit: number; readonly key: string } & (
  | { readonly kind: 'binaries'; readonly paths: readonly Uint8Array[] }
  | { readonly kind: 'pids'; readonly pids: readonly number[]; readonly inNamespace: boolean }
);

/** A workload selector that programs ask for: bit `bit` of what is kept with a cgroup; see struct rf_workload. */
export type WorkloadScope = { readonly bit: number; readonly key: string; readonly selector: WorkloadSelector };

/** Whether a program has to know what runs in the cgroup of the caller. */
export function asksWorkload(plan: HookPlan): boolean {
  return plan.policies.some(
    ({ scope, selectors }) => scope !== undefined || selectors.some(({ tests }) => tests.some(isScope)),
  );
}

export function isScope(test: Test): test is ScopeTest {
  return test.kind === 'scope';
}

export function enforces(act: Act): boolean {
  return act.kill || act.override;
}

export function policyEnforces(policy: PolicyPlan): boolean {
  return policy.selectors.some((selector) => enforces(selector.act));
}

export function hookEnforces(plan: HookPlan): boolean {
  return plan.policies.some(policyEnforces);
}

/** Who calls is looked up at the start only when a test asks for it, else when there is a match to tell of. */
export function testsProcess(plan: HookPlan): boolean {
  const asks = ({ kind }: Test) => kind === 'binary' || kind === 'follow';
  return plan.policies.some((policy) => policy.selectors.some((selector) => selector.tests.some(asks)));
}
