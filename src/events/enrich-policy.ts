/** Records of policies joined with what the policy says: what was asked for, what was done, what became of the call. */
import { action, policyFlag, position } from '#abi';
import { decodeText } from '#process';
import { assertNever } from '#std';
import { eventArgument, eventArguments, untold } from './enrich-argument.ts';
import type { KprobeAction, PolicyEvent, Verdict } from './event.ts';
import type { EventArgument } from './event-argument.ts';
import { signalName } from './kernel-names.ts';
import type { HookDescription } from './policy-directory.ts';
import type { PolicyRecord } from './record.ts';

type Common = Pick<PolicyEvent, 'nodeName' | 'timeNs' | 'identity' | 'process' | 'parent' | 'tid'>;

/** `hook` is undefined when the policy is not known any more. */
export function policyEvent(record: PolicyRecord, hook: HookDescription | undefined, common: Common): PolicyEvent {
  const { flags } = record;
  const denies = hook?.denies ?? true;
  const errno = denies ? -record.verdict : 0;
  const verdict = verdictOf(record, { denies, errno });
  const head = {
    ...common,
    policyName: hook?.policyName ?? '',
    policyNamespace: hook?.namespace,
    message: hook?.message ?? '',
    tags: hook?.tags ?? [],
    arguments: eventArguments(record.arguments, position.result, hook),
    action: actionOf(record, { denies, errno }),
    verdict,
    errno,
    mode: flags & policyFlag.monitor ? 'monitor' : 'enforce',
    selector: record.selector,
    signal: signalName(record.signal),
    decided: hook?.decided,
    racy: hook?.racy ?? false,
    mayComplete: verdict === 'killed' && errno === 0,
    unreadable: (flags & policyFlag.unreadable) !== 0,
    notKilled: (flags & policyFlag.notKilled) !== 0,
    comm: decodeText(record.comm),
    cgroupId: record.cgroupId,
  } as const;
  const declared = hook?.declared ?? NOT_KNOWN;
  switch (declared.kind) {
    case 'lsm':
      return { kind: 'lsm', ...head, functionName: declared.functionName };
    case 'kprobe':
      return {
        kind: 'kprobe',
        ...head,
        functionName: declared.functionName,
        result: resultOf(record, hook),
        returnAction: returnActionOf(record),
        returnLost: (flags & policyFlag.returnLost) !== 0,
      };
    case 'tracepoint':
      return { kind: 'tracepoint', ...head, subsystem: declared.subsystem, event: declared.event };
    default:
      return assertNever(declared);
  }
}

const NOT_KNOWN = { kind: 'lsm', functionName: '' } as const;

/** `denies`: whether the hook can. `errno`: what the call was denied with. */
type Denial = { readonly denies: boolean; readonly errno: number };

/** What became of the call, and of the process. What could not be decided is denied at most. */
function verdictOf({ actions, flags }: PolicyRecord, { denies, errno }: Denial): Verdict {
  const killing = (actions & action.sigkill) !== 0 || (flags & policyFlag.returnKill) !== 0;
  const signalling = (actions & action.signal) !== 0 || (flags & policyFlag.returnSignal) !== 0;
  const unreadable = (flags & policyFlag.unreadable) !== 0;
  if (flags & policyFlag.monitor) {
    const asked = unreadable ? denies : killing || signalling || (actions & action.override) !== 0;
    return asked ? 'would' : 'match';
  }
  const delivered = !unreadable && (flags & policyFlag.notKilled) === 0;
  if (killing && delivered) return 'killed';
  if (errno !== 0) return 'denied';
  return signalling && delivered ? 'signalled' : 'match';
}

/** The events API has room for one action: the strongest. */
function actionOf({ actions, flags }: PolicyRecord, { denies, errno }: Denial): KprobeAction {
  if (flags & policyFlag.unreadable) return denies ? 'KPROBE_ACTION_OVERRIDE' : 'KPROBE_ACTION_POST';
  if (actions & action.sigkill) return 'KPROBE_ACTION_SIGKILL';
  if (actions & action.override || errno !== 0) return 'KPROBE_ACTION_OVERRIDE';
  if (actions & action.signal) return 'KPROBE_ACTION_SIGNAL';
  if (actions & action.nopost) return 'KPROBE_ACTION_NOPOST';
  return 'KPROBE_ACTION_POST';
}

/** The events API has it in every event of this kind, whether the policy asks for the return or not. */
function returnActionOf({ flags }: PolicyRecord): KprobeAction {
  if (flags & policyFlag.returnKill) return 'KPROBE_ACTION_SIGKILL';
  return flags & policyFlag.returnSignal ? 'KPROBE_ACTION_SIGNAL' : 'KPROBE_ACTION_POST';
}

function resultOf(record: PolicyRecord, hook: HookDescription | undefined): EventArgument | undefined {
  const told = record.arguments.at(-1);
  if (told?.position === position.result) return eventArgument(told, hook?.result, hook);
  const returned = (record.flags & policyFlag.returned) !== 0;
  return returned && hook?.result !== undefined ? untold(hook.result) : undefined;
}
