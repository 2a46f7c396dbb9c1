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
  readonly binary_properties?: {
    readonly file?: { readonly inode?: { readonly number?: string; readonly links?: number } };
  };
};

export type JsonFile = { readonly path?: string };

export type JsonArgument = {
  readonly file_arg?: JsonFile;
  readonly path_arg?: JsonFile;
  readonly linux_binprm_arg?: JsonFile;
  readonly int_arg?: number;
  readonly label?: string;
};

export type JsonLsm = {
  readonly process?: JsonProcess;
  readonly parent?: JsonProcess;
  readonly function_name?: string;
  readonly policy_name?: string;
  readonly args?: readonly JsonArgument[];
  readonly action?: string;
};

export type JsonExec = { readonly process?: JsonProcess; readonly parent?: JsonProcess };

export type JsonExit = JsonExec & { readonly signal?: string; readonly status?: number };

export type JsonEvent = {
  readonly process_exec?: JsonExec;
  readonly process_exit?: JsonExit;
  readonly process_lsm?: JsonLsm;
  readonly ringfence?: { readonly verdict?: string };
  readonly node_name?: string;
  readonly time?: string;
};

/** The paths among the arguments, in their order. */
export function pathsOf(lsm: JsonLsm): readonly string[] {
  return (lsm.args ?? []).flatMap((argument) => {
    const file = argument.file_arg ?? argument.path_arg ?? argument.linux_binprm_arg;
    return file?.path === undefined ? [] : [file.path];
  });
}
