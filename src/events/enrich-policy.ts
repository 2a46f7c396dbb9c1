/** Records of policies joined with what the policy says: what was asked for, what was done, what became of the call. */
import { action, policyFlag, position } from '#abi';
import { decodeText } from '#process';
import { eventArgument, eventArguments, untold } from './enrich-argument.ts';
import type { KprobeAction, PolicyEvent, Verdict } from './event.ts';
import type { EventArgument } from './event-argument.ts';
import { signalName } from './kernel-names.ts';
import type { HookDescription } from './policy-directory.ts';
import type { PolicyRecord } from './record.ts';

/** Who did it, and when: what is not of the policy. */
export type Call = Pick<
  PolicyEvent,
  'nodeName' | 'timeNs' | 'identity' | 'process' | 'parent' | 'workload' | 'parentWorkload'
>;

/** One literal: spreading an object into another costs more than all else here. */
export function policyEvent(record: PolicyRecord, hook: HookDescription, call: Call): PolicyEvent {
  const { flags } = record;
  const denial = { denies: hook.denies, errno: hook.denies ? -record.verdict : 0 };
  const verdict = verdictOf(record, denial);
  return {
    kind: hook.declared.kind,
    nodeName: call.nodeName,
    timeNs: call.timeNs,
    identity: call.identity,
    process: call.process,
    parent: call.parent,
    workload: call.workload,
    parentWorkload: call.parentWorkload,
    tid: record.tid,
    hook,
    arguments: eventArguments(record.arguments, hook),
    result: resultOf(record, hook),
    action: actionOf(record, denial),
    returnAction: returnActionOf(record),
    verdict,
    errno: denial.errno,
    mode: flags & policyFlag.monitor ? 'monitor' : 'enforce',
    selector: record.selector,
    signal: signalName(record.signal),
    mayComplete: verdict === 'killed' && denial.errno === 0,
    returnLost: (flags & policyFlag.returnLost) !== 0,
    unreadable: (flags & policyFlag.unreadable) !== 0,
    notKilled: (flags & policyFlag.notKilled) !== 0,
    critical: (flags & policyFlag.critical) !== 0,
    demoted: (flags & policyFlag.demoted) !== 0,
    comm: decodeText(record.comm),
    cgroupId: record.cgroupId,
  };
}

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

/** The events API has it in every event of a kprobe, whether the policy asks for the return or not. */
function returnActionOf({ flags }: PolicyRecord): KprobeAction {
  if (flags & policyFlag.returnKill) return 'KPROBE_ACTION_SIGKILL';
  return flags & policyFlag.returnSignal ? 'KPROBE_ACTION_SIGNAL' : 'KPROBE_ACTION_POST';
}

function resultOf(record: PolicyRecord, hook: HookDescription): EventArgument | undefined {
  const told = record.arguments.at(-1);
  if (told?.position === position.result) return eventArgument(told, hook.result, hook);
  const returned = (record.flags & policyFlag.returned) !== 0;
  return returned && hook.result !== undefined ? untold(hook.result) : undefined;
}
