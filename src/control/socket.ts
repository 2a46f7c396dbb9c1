/** The place of the control socket: nobody else's is taken, and what a dead agent left is cleared away. */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { codeOf } from '#std';
import { exchange } from './exchange.ts';
import { VERSION_HEADER } from './protocol.ts';

/** sun_path of struct sockaddr_un, with its terminating zero; a longer one would be cut off without a word. */
const PATH_BYTES_MAX = 107;
const ANSWER_MS_MAX = 5000;

/** Listens there, for root only. Throws RF3503, RF3504 or RF3505. */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw unmade(path, `it is longer than ${PATH_BYTES_MAX} bytes`);
  await prepareDirectory(path);
  await clearPlace(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const reason = codeOf(error);
      reject(reason === 'EADDRINUSE' ? new EnvironmentError('RF3503', { path }) : unmade(path, reason, error));
    });
    const before = process.umask(0o077); // the socket is made within the call, never open to others
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(before);
    }
  });
  await chmod(path, 0o600);
}

async function prepareDirectory(path: string): Promise<void> {
  const directory = dirname(path);
  const found = await mkdir(directory, { recursive: true, mode: 0o700 })
    .then(() => lstat(directory))
    .catch((error: unknown) => {
      throw unmade(path, codeOf(error), error);
    });
  if (!found.isDirectory()) throw unmade(path, `${directory} is no directory`);
  if (found.uid !== process.geteuid?.()) throw unmade(path, `${directory} belongs to user ${found.uid}`);
  if ((found.mode & 0o022) !== 0) throw unmade(path, `others may write to ${directory}`);
}

async function clearPlace(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unmade(path, codeOf(error), error);
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new EnvironmentError('RF3504', { path, reason: 'it is no socket' });
  await requireNobody(path);
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw unmade(path, codeOf(error), error);
  });
}

/** Returns when nobody listens: only the one who made the socket could, and it has ended. */
async function requireNobody(path: string): Promise<void> {
  const inUse = (reason: string, cause?: unknown) => new EnvironmentError('RF3504', { path, reason }, { cause });
  try {
    const answer = await exchange({ path, method: 'GET', resource: 'policies', silentMsMax: ANSWER_MS_MAX });
    answer.destroy();
    if (answer.headers[VERSION_HEADER] === undefined) throw inUse('what listens there is no agent');
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const reason = codeOf(error);
    if (reason === 'ECONNREFUSED' || reason === 'ENOENT') return;
    throw inUse(reason === 'ETIMEDOUT' ? 'what listens there does not answer' : reason, error);
  }
  throw new EnvironmentError('RF3503', { path });
}

function unmade(path: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError('RF3505', { path, reason }, { cause });
}
