/** What an API server says when it does not do what it is asked. */
import { EnvironmentError } from '#diagnostics';
import { objectOf, textOf } from './json.ts';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Of an answer, or of the `Status` object that ends a watch. */
  static of(status: number, body: unknown, retryAfter?: string): ApiError {
    const seconds = Number(retryAfter);
    const message = textOf(objectOf(body).message) || `status ${status}`;
    return new ApiError(status, message, Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined);
  }
}

export type Asked = { readonly server: string; readonly verb: string; readonly resource: string };

/** For people: with a code, and what to do about it. */
export function explained(error: unknown, { server, verb, resource }: Asked): EnvironmentError {
  if (error instanceof EnvironmentError) return error;
  const reason = reasonOf(error);
  if (!(error instanceof ApiError)) return new EnvironmentError('RF6003', { server, reason }, { cause: error });
  switch (error.status) {
    case 401:
      return new EnvironmentError('RF6004', { reason }, { cause: error });
    case 403:
      return new EnvironmentError('RF6005', { verb, resource, reason }, { cause: error });
    case 404:
      return new EnvironmentError('RF6006', { resource }, { cause: error });
    default:
      return new EnvironmentError('RF6007', { status: error.status, verb, resource, reason }, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
