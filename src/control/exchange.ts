/** One request over a Unix socket, and its answer as it comes. */
import type { IncomingMessage } from 'node:http';
import { request } from './http.ts';

export type Exchange = {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Under the version. */
  readonly resource: string;
  readonly body?: object;
  /** Without a sign of life. */
  readonly silentMsMax: number;
  readonly signal?: AbortSignal | undefined;
};

/** Resolves with the head of the answer. Rejects as the socket does, with ETIMEDOUT when nothing comes. */
export function exchange(options: Exchange): Promise<IncomingMessage> {
  const { path, method, resource, body, silentMsMax, signal } = options;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string | number> = { host: 'ringfence' };
  if (text !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(text);
  }
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ socketPath: path, method, path: `/v1/${resource}`, headers, agent: false, timeout: silentMsMax },
      ...(signal === undefined ? {} : { signal }),
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('it does not answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', reject);
    sent.on('response', (answer) => {
      sent.setTimeout(0); // events may be far apart
      resolve(answer);
    });
    sent.end(text);
  });
}

/** The whole answer, up to `bytesMax`. */
export async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bytesMax) throw new Error(`it is larger than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
