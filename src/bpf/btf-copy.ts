/** Copies types, with all they refer to, from one BTF into another that is being built. */
import { type Brand, type BtfTypeId, btfTypeId, known } from '#std';
import { type BtfKind, fieldAt, infoFlag, infoKind, VOID } from './btf.ts';
import type { BtfBuilder } from './btf-builder.ts';
import type { BtfView } from './btf-view.ts';

/**
 * What becomes of named structs and unions that are only pointed at: `whole` copies them, `forward` only names them.
 * Names are all that the linker compares there, and a prototype with `struct file *` stays two types instead of
 * thousands.
 */
export type CopyOptions = { readonly pointees?: Pointees };
export type Pointees = 'whole' | 'forward';

/** Returns, for each root, its id in `into`. What was copied before, from the same source, is found again. */
export function copyTypes(
  from: BtfView,
  roots: readonly BtfTypeId[],
  into: BtfBuilder,
  { pointees = 'whole' }: CopyOptions = {},
): ReadonlyMap<BtfTypeId, BtfTypeId> {
  const copy = new Copy(from, into, pointees, memoOf(from, into, pointees));
  return new Map(roots.map((root) => [root, copy.add(root)]));
}

/**
 * A type, and whether it was reached through a pointer: a struct of which only the name is wanted there may elsewhere
 * be wanted whole.
 */
type Node = Brand<number, 'Node'>;

const node = (id: BtfTypeId, pointedAt: boolean): Node => (id * 2 + (pointedAt ? 1 : 0)) as Node;
const nodeType = (each: Node): BtfTypeId => btfTypeId(Math.floor(each / 2));
const isPointedAt = (each: Node): boolean => each % 2 === 1;

type Memo = Map<Node, BtfTypeId>;

const memos = new WeakMap<BtfBuilder, WeakMap<BtfView, Map<Pointees, Memo>>>();

function memoOf(from: BtfView, into: BtfBuilder, pointees: Pointees): Memo {
  const bySource = memos.get(into) ?? new WeakMap<BtfView, Map<Pointees, Memo>>();
  memos.set(into, bySource);
  const byPointees = bySource.get(from) ?? new Map<Pointees, Memo>();
  bySource.set(from, byPointees);
  const memo = byPointees.get(pointees) ?? new Map([node(VOID, false), node(VOID, true)].map((each) => [each, VOID]));
  byPointees.set(pointees, memo);
  return memo;
}

/** A type that is being walked; `next` counts the words that were looked at. */
type Frame = { readonly node: Node; readonly kind: BtfKind; readonly words: readonly number[]; next: number };

class Copy {
  readonly #from: BtfView;
  readonly #into: BtfBuilder;
  readonly #pointees: Pointees;
  readonly #memo: Memo;
  /** Types met again while they are being walked: they have their ids before their records. */
  readonly #reserved = new Map<Node, BtfTypeId>();
  readonly #walked = new Set<Node>();
  readonly #stack: Frame[] = [];

  constructor(from: BtfView, into: BtfBuilder, pointees: Pointees, memo: Memo) {
    this.#from = from;
    this.#into = into;
    this.#pointees = pointees;
    this.#memo = memo;
  }

  /** Depth first, each type after those it refers to; with its own stack, since kernel types nest thousands deep. */
  add(root: BtfTypeId): BtfTypeId {
    this.#want(node(root, false));
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      if (top.next === top.words.length) {
        this.#finish(top);
        continue;
      }
      const index = top.next;
      top.next += 1;
      if (fieldAt(top.kind, index) === 'type') this.#want(this.#child(top, index));
    }
    return known(this.#memo.get(node(root, false)), `copy of type ${root}`);
  }

  #want(wanted: Node): void {
    if (this.#memo.has(wanted)) return;
    if (this.#walked.has(wanted)) {
      const id = this.#into.reserve();
      this.#reserved.set(wanted, id);
      this.#memo.set(wanted, id);
      return;
    }
    const words = this.#from.words(nodeType(wanted));
    const kind = known(infoKind(known(words[1], 'info')), 'kind');
    const forward = isPointedAt(wanted) ? this.#forward(kind, words) : undefined;
    if (forward !== undefined) {
      this.#memo.set(wanted, forward);
      return;
    }
    this.#walked.add(wanted);
    this.#stack.push({ node: wanted, kind, words, next: 0 });
  }

  #finish(done: Frame): void {
    const words = done.words.map((word, index) => {
      const field = fieldAt(done.kind, index);
      if (field === 'name') return this.#into.string(this.#from.string(word));
      return field === 'type' ? known(this.#memo.get(this.#child(done, index)), 'copied type') : word;
    });
    this.#memo.set(done.node, this.#into.record(words, this.#reserved.get(done.node)));
    this.#walked.delete(done.node);
    this.#stack.pop();
  }

  #child(parent: Frame, index: number): Node {
    const id = btfTypeId(known(parent.words[index], 'word'));
    if (id === VOID) return node(VOID, false);
    return node(id, this.#pointees === 'forward' && pointsOn(parent));
  }

  #forward(kind: BtfKind, [name = 0, info = 0]: readonly number[]): BtfTypeId | undefined {
    const of = kind === 'fwd' ? (infoFlag(info) ? 'union' : 'struct') : kind;
    if (of !== 'struct' && of !== 'union') return undefined;
    const text = this.#from.string(name);
    return text === '' ? undefined : this.#into.fwd(text, of);
  }
}

/** What a pointer points at, it does so through modifiers too. */
function pointsOn({ kind, node: here }: Frame): boolean {
  switch (kind) {
    case 'ptr':
      return true;
    case 'typedef':
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'type_tag':
      return isPointedAt(here);
    default:
      return false;
  }
}
