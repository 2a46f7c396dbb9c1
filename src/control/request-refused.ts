/** A request that is not one: what the client is told, and under which status. */
import { type Diagnostic, diagnostic } from '#diagnostics';

export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }

  get diagnostic(): Diagnostic {
    return diagnostic('RF3507', undefined, { reason: this.message });
  }
}
