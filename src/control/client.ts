/** The client of the control socket: what commands ask of the agent that runs. */
import type { IncomingMessage } from 'node:http';
import { EnvironmentError } from '#diagnostics';
import type { PolicyName } from '#sensors';
import { codeOf } from '#std';
import { eventsPath } from './events-query.ts';
import { bodyOf, type Exchange, exchange } from './exchange.ts';
import {
  type AddRequest,
  type ChangeAnswer,
  type EventsQuery,
  type PoliciesAnswer,
  type PolicyMode,
  type StatusAnswer,
  type SysdumpAnswer,
  VERSION,
  VERSION_HEADER,
} from './protocol.ts';

export type ClientOptions = {
  /** Of the socket. */
  readonly path: string;
  /** Compiling and loading many policies takes a while, much longer on an emulated machine. */
  readonly silentMsMax?: number;
};

const SILENT_MS_MAX = 120_000;
const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;

/** Every method throws RF3501, RF3502 or RF3506 when the agent can not be asked. */
export class ControlClient {
  readonly #path: string;
  readonly #silentMsMax: number;

  constructor({ path, silentMsMax = SILENT_MS_MAX }: ClientOptions) {
    this.#path = path;
    this.#silentMsMax = silentMsMax;
  }

  add(request: AddRequest): Promise<ChangeAnswer> {
    return this.#change('POST', 'policies', request);
  }

  remove(policy: PolicyName): Promise<ChangeAnswer> {
    return this.#change('DELETE', resourceOf(policy));
  }

  enable(policy: PolicyName): Promise<ChangeAnswer> {
    return this.#change('POST', resourceOf(policy, '/enable'));
  }

  disable(policy: PolicyName): Promise<ChangeAnswer> {
    return this.#change('POST', resourceOf(policy, '/disable'));
  }

  setMode(policy: PolicyName, mode: PolicyMode): Promise<ChangeAnswer> {
    return this.#change('POST', resourceOf(policy, '/mode'), { mode });
  }

  policies(): Promise<PoliciesAnswer> {
    return this.#get('policies', (answer): answer is PoliciesAnswer => hasFields(answer, ['policies']));
  }

  status(): Promise<StatusAnswer> {
    const isStatus = (answer: object): answer is StatusAnswer => hasFields(answer, ['agent', 'control', 'policies']);
    return this.#get('status', isStatus);
  }

  sysdump(): Promise<SysdumpAnswer> {
    const isSysdump = (answer: object): answer is SysdumpAnswer =>
      hasFields(answer, ['status', 'policies', 'config', 'log']);
    return this.#get('sysdump', isSysdump);
  }

  /** Lines, as they come; the stream ends with the agent. */
  async events(query: EventsQuery, signal?: AbortSignal): Promise<IncomingMessage> {
    const answer = await this.#exchange({ method: 'GET', resource: eventsPath(query), signal });
    if (answer.statusCode === 200) return answer;
    throw this.#refusal(await this.#json(answer));
  }

  async #change(method: 'POST' | 'DELETE', resource: string, body?: object): Promise<ChangeAnswer> {
    const answer = await this.#json(
      await this.#exchange({ method, resource, ...(body === undefined ? {} : { body }) }),
    );
    if (isChange(answer)) return answer;
    throw this.#unusable('it is no answer to a change');
  }

  async #get<Answer>(resource: string, isAnswer: (answer: object) => answer is Answer & object): Promise<Answer> {
    const answer = await this.#json(await this.#exchange({ method: 'GET', resource }));
    if (isAnswer(answer)) return answer;
    throw this.#refusal(answer);
  }

  async #exchange(asked: Pick<Exchange, 'method' | 'resource' | 'body' | 'signal'>): Promise<IncomingMessage> {
    let answer: IncomingMessage;
    try {
      answer = await exchange({ ...asked, path: this.#path, silentMsMax: this.#silentMsMax });
    } catch (cause) {
      throw this.#unreached(cause);
    }
    const version = answer.headers[VERSION_HEADER];
    if (version === VERSION) return answer;
    answer.destroy();
    throw this.#unusable(version === undefined ? 'what listens is no agent' : `it is of version ${version}`);
  }

  async #json(answer: IncomingMessage): Promise<object> {
    try {
      const found: unknown = JSON.parse(await bodyOf(answer, ANSWER_BYTES_MAX));
      if (typeof found === 'object' && found !== null) return found;
    } catch (cause) {
      throw this.#unusable(cause instanceof Error ? cause.message : String(cause), cause);
    }
    throw this.#unusable('it is no JSON object');
  }

  #unreached(cause: unknown): EnvironmentError {
    const path = this.#path;
    const reason = codeOf(cause);
    switch (reason) {
      case 'ENOENT':
      case 'ENOTDIR':
        return new EnvironmentError('RF3501', { path, reason: 'there is no such socket' }, { cause });
      case 'ECONNREFUSED':
        return new EnvironmentError('RF3501', { path, reason: 'the agent that made it has ended' }, { cause });
      case 'ENOTSOCK':
      case 'EPROTOTYPE':
        return new EnvironmentError('RF3501', { path, reason: 'it is no socket' }, { cause });
      case 'EACCES':
      case 'EPERM':
        return new EnvironmentError('RF3502', { path, reason }, { cause });
      default:
        return this.#unusable(cause instanceof Error ? cause.message : reason, cause);
    }
  }

  /** What the agent said instead of what was asked for. */
  #refusal(answer: object): EnvironmentError {
    const [first] = isChange(answer) ? answer.diagnostics : [];
    return this.#unusable(first === undefined ? 'it is not what was asked for' : `${first.code}: ${first.message}`);
  }

  #unusable(reason: string, cause?: unknown): EnvironmentError {
    return new EnvironmentError('RF3506', { path: this.#path, reason }, { cause });
  }
}

function resourceOf({ name, namespace }: PolicyName, action = ''): string {
  const query = namespace === undefined ? '' : `?${new URLSearchParams({ namespace })}`;
  return `policies/${encodeURIComponent(name)}${action}${query}`;
}

function isChange(answer: object): answer is ChangeAnswer {
  return hasFields(answer, ['kind', 'policies', 'diagnostics']) && 'diagnostics' in answer;
}

function hasFields(answer: object, names: readonly string[]): boolean {
  return names.every((name) => name in answer);
}
