/** A watch: what changed from a version on, one JSON object a line, for as long as the connection says anything. */
import { StringDecoder } from 'node:string_decoder';
import { EnvironmentError } from '#diagnostics';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { objectOf, textOf } from './json.ts';

export type WatchEvent = {
  readonly kind: 'put' | 'deleted' | 'bookmark';
  readonly object: unknown;
};

export type WatchOptions = {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
  /**
   * The server sends a bookmark about once a minute: a connection that says nothing for longer is dead, and nobody
   * would hear of it.
   */
  readonly silenceMsMax: number;
  /** The server has accepted. */
  readonly onStart: () => void;
};

/** An object has at most 1.5 MiB in etcd, and some more as JSON. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Ends when the server ends it, which it does after a time; throws when it breaks. */
export async function* watch(client: ApiClient, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const silence = new AbortController();
  const silent = () => silence.abort(new Error(`it said nothing for ${options.silenceMsMax / 1000} s`));
  const timer = setTimeout(silent, options.silenceMsMax);
  const signal = AbortSignal.any([options.signal, silence.signal]);
  try {
    const answer = await client.open({ method: 'GET', path: options.path, accept: options.accept, signal });
    options.onStart();
    for await (const line of linesOf(answer)) {
      timer.refresh();
      yield eventOf(line);
    }
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  let characters = 0;
  for await (const chunk of chunks) {
    const text = decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      yield parts.join('');
      parts.length = 0;
      characters = 0;
      start = end + 1;
    }
    parts.push(text.slice(start));
    characters += text.length - start;
    if (characters > LINE_CHARACTERS_MAX) throw new EnvironmentError('RF6008', { limit: LINE_CHARACTERS_MAX });
  }
}

function eventOf(line: string): WatchEvent {
  const { type, object } = objectOf(JSON.parse(line));
  switch (textOf(type)) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', object };
    case 'DELETED':
      return { kind: 'deleted', object };
    case 'BOOKMARK':
      return { kind: 'bookmark', object };
    default: {
      const code = objectOf(object).code;
      throw ApiError.of(typeof code === 'number' ? code : 500, object);
    }
  }
}
