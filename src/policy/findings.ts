/** Collects what is found wrong, so that a check can go on and say everything at once. */
import { type Code, type Diagnostic, diagnostic, type Parameters, type Span } from '#diagnostics';

/** Of each severity, so that no number of warnings can crowd out the error that refuses the policy. */
export const findingsMax = 200;

export class Findings {
  readonly #bySeverity: Record<Diagnostic['severity'], Diagnostic[]> = { error: [], warning: [] };

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#bySeverity.error, ...this.#bySeverity.warning];
  }

  /** Returns undefined, so that a check can report and give up in one statement. */
  report(code: Code, span: Span | undefined, parameters: Parameters = {}): undefined {
    const found = diagnostic(code, span, parameters);
    const kept = this.#bySeverity[found.severity];
    if (kept.length < findingsMax) kept.push(found);
    return undefined;
  }
}
