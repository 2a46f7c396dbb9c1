/** Policies of the tests, written the way a user writes them. JSON is YAML: no text is put together by hand. */

export type FileRule = {
  readonly paths: readonly string[];
  readonly operator?: 'Equal' | 'Prefix' | 'Postfix';
  /** Programs that the rule does not concern. */
  readonly except?: readonly string[];
  /** The programs that it concerns, and with `followChildren` all that descends from them. */
  readonly by?: { readonly binaries: readonly string[]; readonly followChildren: boolean };
  readonly action: RuleAction;
};

export type RuleAction = 'Sigkill' | 'Post' | { readonly override: number };

export type HookName = keyof typeof pathArguments;

/** Where a hook has its file, and of what type the policy language says that is. */
const pathArguments = {
  file_open: { index: 0, type: 'file' },
  file_permission: { index: 0, type: 'file' },
  mmap_file: { index: 0, type: 'file' },
  bprm_check_security: { index: 0, type: 'linux_binprm' },
} as const;

export type PolicyOptions = {
  readonly name: string;
  readonly hooks: readonly HookName[];
  /** The first that matches wins, in each of the hooks. */
  readonly rules: readonly FileRule[];
  /** Values also match by device and inode. */
  readonly byInode?: boolean;
  readonly mode?: 'enforce' | 'monitor';
};

export function policyText({ name, hooks, rules, byInode = false, mode = 'enforce' }: PolicyOptions): string {
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name, ...(byInode ? { annotations: { 'ringfence.io/file-identity': 'inode' } } : {}) },
    spec: {
      ...(mode === 'monitor' ? { options: [{ name: 'policy-mode', value: 'monitor' }] } : {}),
      lsmhooks: hooks.map((hook) => ({
        hook,
        args: [pathArguments[hook]],
        selectors: rules.map((rule) => selector(rule, pathArguments[hook].index)),
      })),
    },
  };
  return JSON.stringify(policy, undefined, 2);
}

function selector({ paths, operator = 'Equal', except = [], by, action }: FileRule, index: number) {
  const programs = [
    ...(except.length === 0 ? [] : [{ operator: 'NotIn', values: except }]),
    ...(by === undefined ? [] : [{ operator: 'In', values: by.binaries, followChildren: by.followChildren }]),
  ];
  return {
    matchArgs: [{ index, operator, values: paths }],
    ...(programs.length === 0 ? {} : { matchBinaries: programs }),
    matchActions: [
      typeof action === 'string' ? { action } : { action: 'Override', argError: -Math.abs(action.override) },
    ],
  };
}
