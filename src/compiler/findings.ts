/** What the compiler has found, and of which policies it is: one that is refused need not keep the others out. */
import { type Diagnostic, hasErrors } from '#diagnostics';

export class Findings {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #refused = new Set<number>();

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** Slots of the policies that an error is about. */
  get refused(): readonly number[] {
    return [...this.#refused];
  }

  /** Runs what looks at the policy with this slot, and tells of what it finds by the list that it is given. */
  about<Result>(slot: number, look: (diagnostics: Diagnostic[]) => Result): Result {
    const found: Diagnostic[] = [];
    const result = look(found);
    this.#diagnostics.push(...found);
    if (hasErrors(found)) this.#refused.add(slot);
    return result;
  }
}
