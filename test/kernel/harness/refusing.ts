/** Two ways to make the kernel refuse a policy that is right: a program that does not verify, and no room to attach. */
import { type AttachPoint, ElfView } from '#bpf';
import { type CompileInput, type CompileResult, compile } from '#compiler';
import { AttachRefused, BpfObject } from '#kernel';
import { countingObject } from './counting-object.ts';

/** The file of policies that `compileOrSpoil` spoils. */
export const SPOILED = 'spoiled.yaml';

/** The compiler, but for what it makes of policies of that file: nothing that the verifier takes. */
export function compileOrSpoil(input: CompileInput): CompileResult {
  const result = compile(input);
  const { image } = result;
  if (image === undefined || !input.policies.some(({ policy }) => policy.source === SPOILED)) return result;
  const object = image.object.slice();
  for (const { section } of image.hooks) new ElfView(object).section(section)?.data.fill(0, 0, 1);
  return { ...result, image: { ...image, object } };
}

/** More programs than the kernel attaches to one function: 38 on 6.1 and 6.12, 36 on newer ones. */
const CROWD = 50;

/** Attaches programs of its own to a function until the kernel takes no more; they go when it is disposed of. */
export function crowd(point: AttachPoint): Disposable {
  using undo = new DisposableStack();
  const object = undo.use(BpfObject.open(countingObject(new Array<AttachPoint>(CROWD).fill(point)), { name: 'crowd' }));
  object.load();
  try {
    for (const program of object.programs) undo.use(program.attach());
  } catch (error) {
    if (error instanceof AttachRefused) return undo.move();
    throw error;
  }
  throw new Error(`the kernel attaches ${CROWD} programs to one function`);
}
