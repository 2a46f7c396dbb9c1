/** One selector: which processes, which arguments, which actions. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import type { Lists } from './lists.ts';
import { entryOf, itemsOf, type Located, scalarOf } from './located.ts';
import type { ArgumentMatch, Selector } from './model.ts';
import { reportUnsupportedFields } from './unsupported.ts';
import { validateActions, validateReturnActions } from './validate-actions.ts';
import type { ArgumentOwner, DeclaredArgument } from './validate-argument.ts';
import { argumentMatch, returnMatch } from './validate-match.ts';
import { binaryMatch, capabilityMatch, namespaceMatch, pidMatch } from './validate-process.ts';
import { workloadMatch } from './validate-workloads.ts';

export type SelectorContext = {
  readonly owner: ArgumentOwner;
  readonly declared: readonly DeclaredArgument[];
  /** What the call returns, when the hook waits for it. */
  readonly returned: DeclaredArgument | undefined;
  readonly lists: Lists;
  /** The policy is about the pods of one namespace. */
  readonly namespaced: boolean;
  readonly findings: Findings;
};

/** What a hook without selectors means. */
export function postEverything(span: Span): Selector {
  return {
    label: undefined,
    span,
    workloads: undefined,
    binaries: undefined,
    pids: [],
    namespaces: [],
    capabilities: [],
    arguments: [],
    returnArguments: [],
    actions: [{ kind: 'post', span }],
    returnActions: [],
  };
}

export function validateSelector(selector: Located, context: SelectorContext): Selector {
  const { findings } = context;
  reportUnsupportedFields(selector, 'selector', findings);
  checkReturn(selector, context);
  const [workloads] = itemsOf(selector, 'matchWorkloads');
  const [binaries] = itemsOf(selector, 'matchBinaries');
  return {
    label: scalarOf(selector, 'label')?.written,
    span: selector.span,
    workloads: workloads === undefined ? undefined : workloadMatch(workloads, context.namespaced, findings),
    binaries: binaries === undefined ? undefined : binaryMatch(binaries, findings),
    pids: itemsOf(selector, 'matchPIDs').flatMap((filter) => pidMatch(filter, findings) ?? []),
    namespaces: itemsOf(selector, 'matchNamespaces').flatMap((filter) => namespaceMatch(filter, findings) ?? []),
    capabilities: itemsOf(selector, 'matchCapabilities').flatMap((filter) => capabilityMatch(filter, findings) ?? []),
    arguments: itemsOf(selector, 'matchArgs').flatMap((filter) => argumentMatch(filter, context) ?? []),
    returnArguments: returnArguments(selector, context),
    actions: validateActions(selector, context.owner, findings),
    returnActions: validateReturnActions(selector, findings),
  };
}

const returnFields = ['matchReturnArgs', 'matchReturnActions'] as const;

/** What is to happen on return never happens in a hook that does not wait for it. */
function checkReturn(selector: Located, { owner, returned, findings }: SelectorContext): void {
  if (returned !== undefined) return;
  const isKprobe = owner === 'kernel function' || owner === 'system call';
  const advice = isKprobe ? 'add "return: true" and a returnArg to the hook' : 'only hooks under kprobes have it';
  for (const field of returnFields) {
    const entry = entryOf(selector, field);
    if (entry !== undefined && itemsOf(selector, field).length > 0) {
      findings.report('RF1217', entry.key, { field, advice });
    }
  }
}

function returnArguments(selector: Located, context: SelectorContext): readonly ArgumentMatch[] {
  if (context.returned === undefined) return [];
  return itemsOf(selector, 'matchReturnArgs').flatMap((filter) => returnMatch(filter, context) ?? []);
}
