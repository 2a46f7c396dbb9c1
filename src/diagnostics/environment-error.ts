/** The world refused: one error with a code, the call that failed, and what to do about it. */
import { type Code, catalogue } from './catalogue.ts';
import { fill, type Parameters } from './diagnostic.ts';

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code: Code;
  readonly hint: string;

  constructor(code: Code, parameters: Parameters = {}, options?: ErrorOptions) {
    super(fill(catalogue[code].message, parameters), options);
    this.code = code;
    this.hint = fill(catalogue[code].hint, parameters);
  }
}
