/** The kernel refuses a program of many policies: which of them it is about, and what is said of each. */
import { type SensorImage, sectionOf } from '#bpf';
import type { CompileResult } from '#compiler';
import { type Code, type Diagnostic, diagnostic, type Span } from '#diagnostics';
import { AttachRefused, LoadRejected } from '#kernel';
import { assert, known } from '#std';
import type { SlotPolicy } from './prepare.ts';
import { type Refusal, refusedAmong } from './refusal.ts';
import type { Steps } from './steps.ts';

export type Culprit = { readonly owner: SlotPolicy; readonly diagnostic: Diagnostic };

export type Scene = {
  readonly image: SensorImage | undefined;
  readonly owners: readonly SlotPolicy[];
  /** It enforces now: where only some go together, it is kept. */
  readonly isLoaded: (owner: SlotPolicy) => boolean;
  readonly recompile: (owners: readonly SlotPolicy[]) => CompileResult;
  /** Loads one program of an image, and lets it go again. Throws LoadRejected. */
  readonly tryLoading: (image: SensorImage, program: string) => void;
};

type HookImage = SensorImage['hooks'][number];

/** What the verifier stopped at, and which line of the policy it serves. */
type Stop = { readonly hook: string; readonly reason: string; readonly span: Diagnostic['span'] };

const CODES: Readonly<Record<Refusal<SlotPolicy, Stop>['how'], Code>> = {
  alone: 'RF2201',
  'with others': 'RF2203',
  untried: 'RF2204',
};

/** Never none. Those that are loaded are among them only where it can not be otherwise. */
export function* culpritsOf(error: AttachRefused | LoadRejected, scene: Scene): Steps<readonly Culprit[]> {
  const hook = scene.image?.hooks.find((each) => each.program === error.program);
  if (hook === undefined) throw error;
  const members = scene.owners.filter(({ slot }) => hook.policies.some((part) => part.slot === slot));
  const loaded = members.filter(scene.isLoaded);
  const fresh = members.filter((owner) => !scene.isLoaded(owner));
  if (error instanceof AttachRefused) {
    return (fresh.length > 0 ? fresh : loaded).map((owner) => {
      const { name, span } = hookOf(owner, hook);
      return { owner, diagnostic: diagnostic('RF2202', span, { hook: name, reason: error.reason }) };
    });
  }
  const refused = yield* refusedAmong([...loaded, ...fresh], (some) => stopOf(some, hook.section, scene));
  assert(refused.length > 0, 'what was refused is refused again');
  return refused.map(({ member, reason, how }) => {
    const span = how === 'alone' ? reason.span : hookOf(member, hook).span;
    return { owner: member, diagnostic: diagnostic(CODES[how], span, { hook: reason.hook, reason: reason.reason }) };
  });
}

/** The attach point whose program it is, and what is to be said where the kernel takes that only without its gates. */
export function gateless(
  { program }: LoadRejected,
  { image, owners }: Pick<Scene, 'image' | 'owners'>,
): { readonly section: string; readonly diagnostic: Diagnostic } {
  const hook = known(
    image?.hooks.find((each) => each.program === program),
    'hook of a program that was loaded',
  );
  const owner = owners.find(({ slot }) => hook.policies.some((part) => part.slot === slot));
  const { name, span } = hookOf(known(owner, 'policy of a hook'), hook);
  return { section: hook.section, diagnostic: diagnostic('RF2205', span, { hook: name }) };
}

/** Why the kernel does not take the program that these policies have at one attach point. */
function stopOf(
  owners: readonly SlotPolicy[],
  section: string,
  { recompile, tryLoading }: Pick<Scene, 'recompile' | 'tryLoading'>,
): Stop | undefined {
  const { image } = recompile(owners);
  const hook = image?.hooks.find((each) => each.section === section);
  if (image === undefined || hook === undefined) return undefined;
  try {
    tryLoading(image, hook.program);
    return undefined;
  } catch (error) {
    if (!(error instanceof LoadRejected)) throw error;
    const { name, span } = hookOf(known(owners[0], 'policy'), hook);
    const { reason, instruction } = error;
    return { hook: name, reason, span: instruction === undefined ? span : (hook.spans[instruction] ?? span) };
  }
}

/** The hook as the policy names it, and where. */
function hookOf({ policy, slot }: SlotPolicy, image: HookImage): { name: string; span: Span } {
  const entry = image.policies.find((part) => part.slot === slot)?.entry;
  const hook = entry === undefined ? undefined : policy.hooks[entry];
  return { name: hook?.name.value ?? sectionOf(image.point), span: hook?.name.span ?? policy.span };
}
