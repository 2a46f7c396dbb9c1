/** What is known of a hook in its place: effect, what the verdict looks at, cost; and what the user is warned of. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Hook, Policy } from '#policy';
import { costOf } from './report-cost.ts';
import { warnOfRetries } from './report-retry.ts';
import { actionOf, enforcesHook, type Place, returnActionOf } from './resolve-place.ts';
import type { Effect, HookReport, ResolvedArgument, ResolvedPart } from './resolved.ts';

export function reportHook(policy: Policy, hook: Hook, entry: number, place: Place): HookReport {
  const tested = testedPositions(hook);
  const decidesOn = objectOf(place.parts, tested);
  const mayBeSkipped = place.parts.some(({ point }) => point.kind !== 'lsm');
  return {
    policy: policy.name,
    hook,
    entry,
    points: place.parts.map(({ point }) => point),
    why: place.why,
    effect: effectOf(hook, place.parts),
    decidesOn,
    racy: decidesOn === 'user memory' && stops(hook),
    mayBeSkipped,
    ...costOf(place.parts, tested),
    blind: [
      ...place.blind,
      ...(mayBeSkipped
        ? ['calls that begin on a CPU while it runs the same program already; the kernel counts them']
        : []),
      ...(hook.kind === 'kprobe' && hook.returns ? ['calls that never return'] : []),
    ],
  };
}

function testedPositions(hook: Hook): ReadonlySet<number> {
  return new Set(hook.selectors.flatMap((selector) => selector.arguments.map((match) => match.argument)));
}

function stops(hook: Hook): boolean {
  return enforcesHook(hook) || returnActionOf(hook, 'sigkill') !== undefined;
}

function effectOf(hook: Hook, parts: readonly ResolvedPart[]): Effect {
  const first = parts.filter(({ phase }) => phase !== 'return');
  if (enforcesHook(hook) && first.every(({ denies }) => denies)) return 'blocks';
  const signals = actionOf(hook, 'signal') ?? returnActionOf(hook, 'signal');
  return stops(hook) || signals !== undefined ? 'may complete' : 'observes';
}

/** What can change most easily, of all that selectors look at. */
function objectOf(parts: readonly ResolvedPart[], tested: ReadonlySet<number>): HookReport['decidesOn'] {
  const looked = parts
    .filter(({ phase }) => phase !== 'return')
    .flatMap((part) => part.arguments.filter((_, position) => tested.has(position)))
    .flatMap((argument) => (argument === undefined ? [] : [standing(argument)]));
  for (const each of ['user memory', 'kernel copy', 'kernel objects'] as const) if (looked.includes(each)) return each;
  return looked.length > 0 ? 'registers' : 'kernel objects';
}

/** The table of file descriptors belongs to the process, all of whose threads can change it. */
function standing({ value }: ResolvedArgument): HookReport['decidesOn'] {
  if (value.kind === 'integer') return 'registers';
  if (value.kind === 'credentials') return 'kernel objects';
  if (value.reader.endsWith('_user') || value.reader === 'fd') return 'user memory';
  return COPIES.includes(value.reader) ? 'kernel copy' : 'kernel objects';
}

/** Readers of what the kernel has copied from the process. */
const COPIES: readonly string[] = [
  'string',
  'filename',
  'open_name',
  'binprm_name',
  'bytes',
  'sockaddr',
  'msghdr_sock',
  'msghdr_socket',
];

/** A policy that only watches is warned of nothing that stopping would need. */
export function warnOf(report: HookReport, place: Place): readonly Diagnostic[] {
  const { hook } = report;
  const warnings: Diagnostic[] = [];
  const instead =
    place.better === undefined
      ? 'an LSM hook that is asked before it acts can'
      : `hook ${place.better} under lsmhooks can`;
  const kill = actionOf(hook, 'sigkill') ?? returnActionOf(hook, 'sigkill');
  if (report.effect === 'may complete' && kill !== undefined) {
    warnings.push(diagnostic('RF2402', kill.span, { hook: hook.name.value, instead }));
  }
  if (report.racy) {
    const match = hook.selectors
      .flatMap((selector) => selector.arguments)
      .find((each) => isLoose(place, each.argument));
    warnings.push(diagnostic('RF2401', match?.span ?? hook.name.span, { hook: hook.name.value, instead }));
  }
  return [...warnings, ...warnOfRetries(hook, place.parts)];
}

function isLoose({ parts }: Place, position: number): boolean {
  return parts.some((part) => {
    const argument = part.arguments[position];
    return argument !== undefined && standing(argument) === 'user memory';
  });
}

/** As `--strict` has it: a policy that another thread can get around is refused. */
export function strictly(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((each) => (each.code === 'RF2401' ? { ...each, severity: 'error' } : each));
}
