/** Collects what is found wrong, so that a check can go on and say everything at once. */
import { type Code, catalogue, type Diagnostic, diagnostic, type Parameters, type Span } from '#diagnostics';

/** Of each severity, so that no number of warnings can crowd out the error that refuses the policy. */
export const findingsMax = 200;

export class Findings {
  readonly #bySeverity: Record<Diagnostic['severity'], Diagnostic[]> = { error: [], warning: [] };

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#bySeverity.error, ...this.#bySeverity.warning];
  }

  /**
   * Returns undefined, so that a check can report and give up in one statement. Parameters that take time to find, such
   * as the nearest known word, are a function: it is not called for what is not kept.
   */
  report(code: Code, span: Span | undefined, parameters: Parameters | (() => Parameters) = {}): undefined {
    const kept = this.#bySeverity[catalogue[code].severity];
    if (kept.length >= findingsMax) return undefined;
    kept.push(diagnostic(code, span, typeof parameters === 'function' ? parameters() : parameters));
    return undefined;
  }
}
