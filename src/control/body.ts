/** The body of a request: read within its bound, and taken apart field by field. */
import type { IncomingMessage } from 'node:http';
import { type AddRequest, type PolicyMode, REQUEST_BYTES_MAX } from './protocol.ts';
import { RequestRefused } from './request-refused.ts';

type Fields = Readonly<Record<string, unknown>>;

export async function readAdd(request: IncomingMessage): Promise<AddRequest> {
  const fields = await readFields(request, ['text', 'source', 'replace', 'mode']);
  const { text, source = 'policy', replace = false, mode } = fields;
  if (typeof text !== 'string') throw wrong('text', 'the policy as a text');
  if (typeof source !== 'string' || source.length > 4096) throw wrong('source', 'the name of a file');
  if (typeof replace !== 'boolean') throw wrong('replace', 'true or false');
  return { text, source, replace, ...(mode === undefined ? {} : { mode: modeOf(mode) }) };
}

export async function readMode(request: IncomingMessage): Promise<PolicyMode> {
  return modeOf((await readFields(request, ['mode'])).mode);
}

function modeOf(value: unknown): PolicyMode {
  if (value === 'enforce' || value === 'monitor') return value;
  throw wrong('mode', 'enforce or monitor');
}

function wrong(field: string, wanted: string): RequestRefused {
  return new RequestRefused(400, `"${field}" must be ${wanted}`);
}

async function readFields(request: IncomingMessage, known: readonly string[]): Promise<Fields> {
  const fields = parse(await readBody(request));
  const unknown = Object.keys(fields).find((field) => !known.includes(field));
  if (unknown !== undefined) throw new RequestRefused(400, `it has no field ${JSON.stringify(unknown.slice(0, 100))}`);
  return fields;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = () => new RequestRefused(413, `it is larger than ${REQUEST_BYTES_MAX} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > REQUEST_BYTES_MAX) throw tooLarge();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > REQUEST_BYTES_MAX) throw tooLarge();
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

function parse(text: string): Fields {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new RequestRefused(400, 'what it holds is not JSON');
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new RequestRefused(400, 'what it holds is no JSON object');
  }
  return found as Fields;
}
