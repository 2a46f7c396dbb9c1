/** What the language has and Ringfence does not do yet; each entry says what works instead. */
import type { Findings } from './findings.ts';
import type { Located } from './located.ts';
import type { WrittenPolicy } from './schema.ts';

type Element<List> = List extends readonly (infer Item)[] ? Item : never;
type Spec = WrittenPolicy['spec'];
type Hook = Element<NonNullable<Spec['lsmhooks']>>;
type Argument = Element<NonNullable<Hook['args']>>;
type Selector = Element<NonNullable<Hook['selectors']>>;
type BinaryFilter = Element<NonNullable<Selector['matchBinaries']>>;
type Action = Element<NonNullable<Selector['matchActions']>>;

/** Every field of `Owner` but the supported ones: a field that the schema gains must be placed here or in the model. */
type Rest<Owner, Supported extends keyof Owner> = Readonly<Record<Exclude<keyof Owner, Supported>, string>>;

const useLsm = 'hooks under lsmhooks work today, such as file_open or bprm_check_security';
const useNodeWide = 'a policy applies to the whole node today';
const useProcess = 'processes can be selected with matchBinaries today';
const useArgument = 'arguments are read as the hook gets them today: declare index and type';
const usePost = 'Post without limit works today';
const useActions = 'the actions Post, NoPost, Sigkill and Override work today';

const spec: Rest<Spec, 'lsmhooks' | 'options'> = {
  kprobes: useLsm,
  fentries: useLsm,
  tracepoints: useLsm,
  uprobes: useLsm,
  usdts: useLsm,
  loader: useLsm,
  enforcers: 'Sigkill and Override in a hook under lsmhooks work today',
  lists: 'write the values out',
  selectorsMacros: 'write the filters out in each selector',
  podSelector: useNodeWide,
  containerSelector: useNodeWide,
  hostSelector: useNodeWide,
  nodeSelector: 'give the policy only to the nodes that it is for',
};

const argument: Rest<Argument, 'index' | 'type' | 'label'> = {
  resolve: useArgument,
  btfType: useArgument,
  btfTypeModule: useArgument,
  source: useArgument,
  sizeArgIndex: useArgument,
  returnCopy: useArgument,
  maxData: useArgument,
};

const selector: Rest<Selector, 'label' | 'matchBinaries' | 'matchArgs' | 'matchActions'> = {
  macros: 'write the filters out in each selector',
  matchWorkloads: useNodeWide,
  matchParentBinaries: useProcess,
  matchPIDs: useProcess,
  matchNamespaces: useProcess,
  matchCapabilities: useProcess,
  matchNamespaceChanges: useProcess,
  matchCapabilityChanges: useProcess,
  matchData: 'arguments can be tested with matchArgs today',
  matchReturnArgs: 'arguments can be tested with matchArgs today',
  matchReturnActions: useActions,
};

const binaryFilter: Rest<BinaryFilter, 'operator' | 'values'> = {
  followChildren: 'the process itself is matched today: list the binaries of its children too',
};

/** Fields of actions that are supported; what belongs to other actions has no meaning and is said by the actions. */
const action: Readonly<Partial<Record<keyof Action, string>>> = {
  rateLimit: usePost,
  rateLimitScope: usePost,
  kernelStackTrace: usePost,
  userStackTrace: usePost,
  imaHash: usePost,
};

const fields = { spec, argument, selector, binaryFilter, action } as const;

/** Reports each field of `owner` that is not supported yet, at its key. */
export function reportUnsupportedFields(owner: Located, part: keyof typeof fields, findings: Findings): void {
  if (owner.kind !== 'map') return;
  const table: Readonly<Record<string, string>> = fields[part];
  for (const [field, { key, value }] of owner.entries) {
    const instead = Object.hasOwn(table, field) ? table[field] : undefined;
    if (instead !== undefined && !saysNothing(value)) findings.report('RF1203', key, { what: field, instead });
  }
}

/** A field that is false, zero, empty or null asks for nothing, so leaving it out means the same. */
function saysNothing(value: Located): boolean {
  if (value.kind === 'list') return value.items.length === 0;
  return value.kind === 'scalar' && [false, 0, '', null].includes(value.value as never);
}

export const insteadOf = {
  kind: useNodeWide,
  argumentType: 'file, path, linux_binprm, auto and the integer types work today',
  argumentOperator: 'Equal, Prefix and Postfix work today',
  binaryOperator: 'In and NotIn work today',
  action: useActions,
  option: 'policy-mode works today',
} as const;
