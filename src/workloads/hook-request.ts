/** What kprobes/hook sends of a container that is about to start: a line, the cgroups of its process, its OCI state. */

export type HookRequest = {
  /** Of its first process, on the node; 0 where the runtime did not say. */
  readonly pid: number;
  /** /proc/PID/cgroup, as the runtime sees it. */
  readonly cgroup: string;
  readonly id: string;
  readonly annotations: unknown;
};

/** `ringfence-hook VERSION PID BYTES BYTES` */
const LINE = /^ringfence-hook 1 (\d{1,10}) (\d{1,10}) (\d{1,10})$/;
const LINE_BYTES_MAX = 128;
const CGROUP_BYTES_MAX = 16 * 1024;
const STATE_BYTES_MAX = 4 * 1024 * 1024;
const NEW_LINE = 10;

/** The peer is no hook of ours, or of another version. */
export class HookMalformed extends Error {
  override readonly name = 'HookMalformed';
}

type Head = { readonly pid: number; readonly begin: number; readonly cgroupEnd: number; readonly end: number };

/** Takes the bytes of one connection as they come. */
export class HookReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #head: Head | undefined;

  /** The request, once all of it is there. Throws HookMalformed. */
  push(chunk: Buffer): HookRequest | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#head ??= this.#readHead();
    if (this.#head === undefined || this.#bytes < this.#head.end) return undefined;
    if (this.#bytes > this.#head.end) throw new HookMalformed('more came than was announced');
    const { pid, begin, cgroupEnd, end } = this.#head;
    const all = this.#whole();
    return { pid, cgroup: all.toString('utf8', begin, cgroupEnd), ...stateIn(all.toString('utf8', cgroupEnd, end)) };
  }

  #readHead(): Head | undefined {
    const all = this.#whole();
    const at = all.subarray(0, LINE_BYTES_MAX).indexOf(NEW_LINE);
    if (at < 0 && all.length < LINE_BYTES_MAX) return undefined;
    const match = LINE.exec(all.toString('latin1', 0, Math.max(at, 0)));
    if (match === null) throw new HookMalformed('it does not begin as a hook of this version does');
    const [pid = 0, cgroupBytes = 0, stateBytes = 0] = match.slice(1).map(Number);
    if (cgroupBytes > CGROUP_BYTES_MAX || stateBytes > STATE_BYTES_MAX) throw new HookMalformed('it is too large');
    const begin = at + 1;
    return { pid, begin, cgroupEnd: begin + cgroupBytes, end: begin + cgroupBytes + stateBytes };
  }

  #whole(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

function stateIn(text: string): Pick<HookRequest, 'id' | 'annotations'> {
  const state = parsed(text);
  if (typeof state !== 'object' || state === null || !('id' in state) || typeof state.id !== 'string') {
    throw new HookMalformed('the state of the container has no id');
  }
  return { id: state.id, annotations: 'annotations' in state ? state.annotations : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HookMalformed('the state of the container is no JSON');
  }
}

/**
 * The path in the hierarchy that counts: of version 2 the line `0::PATH`, of version 1 that with the controller's name.
 * Undefined where the process has none, or has it outside of what the reader could see.
 */
export function cgroupPathIn(text: string, controller: string | undefined): string | undefined {
  for (const line of text.split('\n')) {
    const [hierarchy, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':'); // a path may have colons
    const counts = controller === undefined ? hierarchy === '0' : controllers.split(',').includes(controller);
    if (counts && path.startsWith('/')) return path.startsWith('/..') ? undefined : path;
  }
  return undefined;
}
