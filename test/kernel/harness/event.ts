/** The parts of the events' JSON that the tests look at. Everything is optional: a missing field must fail a test, not crash it. */

export type JsonProcess = {
  readonly exec_id?: string;
  readonly parent_exec_id?: string;
  readonly pid?: number;
  readonly tid?: number;
  readonly uid?: number;
  readonly auid?: number;
  readonly cwd?: string;
  readonly binary?: string;
  readonly arguments?: string;
  readonly flags?: string;
  readonly start_time?: string;
  readonly process_credentials?: {
    readonly uid?: number;
    readonly gid?: number;
    readonly euid?: number;
    readonly egid?: number;
  };
  readonly pod?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly container?: { readonly id?: string; readonly name?: string; readonly image?: { readonly name?: string } };
    readonly pod_labels?: Readonly<Record<string, string>>;
    readonly workload?: string;
    readonly workload_kind?: string;
  };
  readonly binary_properties?: {
    readonly file?: { readonly inode?: { readonly number?: string; readonly links?: number } };
  };
};

export type JsonFile = { readonly path?: string };

/** One member by type, and perhaps a label; what the test expects is compared member by member. */
export type JsonArgument = Readonly<Record<string, unknown>> & {
  readonly file_arg?: JsonFile;
  readonly path_arg?: JsonFile;
  readonly linux_binprm_arg?: JsonFile;
};

export type JsonLsm = {
  readonly process?: JsonProcess;
  readonly parent?: JsonProcess;
  readonly function_name?: string;
  readonly policy_name?: string;
  readonly args?: readonly JsonArgument[];
  readonly action?: string;
};

/** What events of all kinds of hooks say. */
export type JsonHook = JsonLsm & {
  readonly subsys?: string;
  readonly event?: string;
  readonly return?: JsonArgument;
  readonly return_action?: string;
  readonly message?: string;
  readonly tags?: readonly string[];
};

export type JsonExec = { readonly process?: JsonProcess; readonly parent?: JsonProcess };

export type JsonExit = JsonExec & { readonly signal?: string; readonly status?: number };

export type JsonEvent = {
  readonly process_exec?: JsonExec;
  readonly process_exit?: JsonExit;
  readonly process_lsm?: JsonLsm;
  readonly process_kprobe?: JsonHook;
  readonly process_tracepoint?: JsonHook;
  readonly ringfence?: {
    readonly verdict?: string;
    readonly while_away?: boolean;
    readonly identity?: { readonly ring?: string; readonly cpu?: number; readonly sequence?: string };
    readonly decided_at?: string;
    readonly racy?: boolean;
    readonly may_complete?: boolean;
    readonly return_lost?: boolean;
    readonly critical?: boolean;
    readonly demotion?: Readonly<Record<string, string>>;
  };
  readonly node_name?: string;
  readonly time?: string;
};

/** Whatever kind of hook the event is of. */
export function hookOf(event: JsonEvent): JsonHook | undefined {
  return event.process_kprobe ?? event.process_tracepoint ?? event.process_lsm;
}

/** The paths among the arguments, in their order. */
export function pathsOf(lsm: JsonLsm): readonly string[] {
  return (lsm.args ?? []).flatMap((argument) => {
    const file = argument.file_arg ?? argument.path_arg ?? argument.linux_binprm_arg;
    return file?.path === undefined ? [] : [file.path];
  });
}
