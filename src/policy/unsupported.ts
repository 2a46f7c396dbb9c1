/** What the language has and Ringfence does not do yet; each entry says what works instead. */
import type { Findings } from './findings.ts';
import type { Located } from './located.ts';
import type { WrittenPolicy } from './schema.ts';

type Element<Items> = Items extends readonly (infer Item)[] ? Item : never;
type Spec = WrittenPolicy['spec'];
type Kprobe = Element<NonNullable<Spec['kprobes']>>;
type List = Element<NonNullable<Spec['lists']>>;
type Argument = Element<NonNullable<Kprobe['args']>>;
type Selector = Element<NonNullable<Kprobe['selectors']>>;
type Action = Element<NonNullable<Selector['matchActions']>>;

/** Every field of `Owner` but the supported ones: a field that the schema gains must be placed here or in the model. */
type Rest<Owner, Supported extends keyof Owner> = Readonly<Record<Exclude<keyof Owner, Supported>, string>>;

const useHooks = 'hooks under kprobes, tracepoints and lsmhooks work today';
const useProcess = 'matchBinaries, matchPIDs, matchNamespaces and matchCapabilities work today';
const useArgument = 'arguments are read as the hook gets them today: declare index and type';
const usePost = 'Post without limit works today';
const useActions = 'the actions Post, NoPost, Sigkill, Signal and Override work today';
const useList = 'lists of type syscalls, or without a type, with their values written out work today';

const spec: Rest<
  Spec,
  | 'kprobes'
  | 'tracepoints'
  | 'lsmhooks'
  | 'lists'
  | 'options'
  | 'podSelector'
  | 'containerSelector'
  | 'hostSelector'
  | 'nodeSelector'
> = {
  fentries: useHooks,
  uprobes: useHooks,
  usdts: useHooks,
  loader: useHooks,
  enforcers: 'Sigkill and Override in a hook work today',
  selectorsMacros: 'write the filters out in each selector',
};

const kprobe: Rest<
  Kprobe,
  'call' | 'syscall' | 'return' | 'message' | 'args' | 'returnArg' | 'selectors' | 'tags' | 'ignore'
> = {
  data: useArgument,
  returnArgAction: 'matchReturnArgs and matchReturnActions work today',
};

const list: Rest<List, 'name' | 'type' | 'values' | 'validated'> = { pattern: useList };

const argument: Rest<Argument, 'index' | 'type' | 'label' | 'sizeArgIndex'> = {
  resolve: useArgument,
  btfType: useArgument,
  btfTypeModule: useArgument,
  source: useArgument,
  returnCopy: useArgument,
  maxData: 'buffers are told of up to 4095 bytes today',
};

const selector: Rest<
  Selector,
  | 'label'
  | 'matchWorkloads'
  | 'matchBinaries'
  | 'matchPIDs'
  | 'matchNamespaces'
  | 'matchCapabilities'
  | 'matchArgs'
  | 'matchActions'
  | 'matchReturnArgs'
  | 'matchReturnActions'
> = {
  macros: 'write the filters out in each selector',
  matchParentBinaries: useProcess,
  matchNamespaceChanges: useProcess,
  matchCapabilityChanges: useProcess,
  matchData: 'arguments can be tested with matchArgs today',
};

/** Fields of actions that are supported; what belongs to other actions has no meaning and is said by the actions. */
const action: Readonly<Partial<Record<keyof Action, string>>> = {
  rateLimit: usePost,
  rateLimitScope: usePost,
  kernelStackTrace: usePost,
  userStackTrace: usePost,
  imaHash: usePost,
};

const fields = { spec, kprobe, list, argument, selector, action } as const;

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
  argumentType:
    'integers, string, filename, char_buf, file, path, dentry, fd, linux_binprm, sock, skb, sockaddr, cred, capability, syscall64, auto and nop work today',
  returnType: 'integers work today',
  argumentOperator:
    'Equal, Prefix, Postfix, InRange, InMap and their negations, GT, LT, Mask and the operators on sockets work today',
  action: useActions,
  listType: useList,
  option: 'policy-mode works today',
} as const;
