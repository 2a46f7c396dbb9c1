/**
 * The policies that outlive the agent: one file for each, written so that after a crash it is the old one or the new.
 * What is found there decides what is enforced, so only files that nobody else could have written are read.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import type { PolicyMode } from '#policy';
import type { PolicyOrigin } from './policy-entry.ts';
import type { PolicyName } from './policy-sensor.ts';

export type { PolicyName };

export type StoredPolicy = PolicyName & {
  /** The file that it was read from, as diagnostics name it. */
  readonly source: string;
  readonly origin: PolicyOrigin;
  /** The word of its source for this version. */
  readonly revision: string | undefined;
  /** Undefined: the policy is in a file of the agent's own, and only its state is kept here. */
  readonly text: string | undefined;
  readonly enabled: boolean;
  /** Undefined: the mode that the text has. */
  readonly mode: PolicyMode | undefined;
};

/** A file that was left alone, and why. */
export type StoreProblem = { readonly path: string; readonly reason: string };

export type StoreContent = { readonly policies: readonly StoredPolicy[]; readonly problems: readonly StoreProblem[] };

export type StoreChange = { readonly put: readonly StoredPolicy[]; readonly remove: readonly PolicyName[] };

/** On the disk, and not in force: what needs room has it already. Exactly one of the two is called, once. */
export type StagedChange = { commit(): Promise<void>; discard(): Promise<void> };

export type PolicyKeeper = {
  read(): Promise<StoreContent>;
  /** Throws RF3512 when there is no room; nothing has changed then. */
  stage(change: StoreChange): Promise<StagedChange>;
};

export type PolicyStoreOptions = {
  readonly directory: string;
  /** Policies that are read; a file beyond is told of, and left alone. */
  readonly policyMax: number;
};

const VERSION = 1;
const SUFFIX = '.json';
const UNFINISHED = '.new-';
/** The text of a policy is at most 1 MiB, and JSON writes a byte as six at worst. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Names that are looked at, of whatever kind: the directory is ours, so more is a fault of somebody else. */
const NAMES_MAX = 16_384;
const PROBLEMS_MAX = 100;

export class PolicyStore implements PolicyKeeper {
  readonly #directory: string;
  readonly #policyMax: number;

  private constructor({ directory, policyMax }: PolicyStoreOptions) {
    this.#directory = directory;
    this.#policyMax = policyMax;
  }

  /** Makes the directory when it is not there. Throws RF3511 when others can write to it. */
  static async open(options: PolicyStoreOptions): Promise<PolicyStore> {
    const { directory: path } = options;
    const refuse = (reason: string, cause?: unknown) => new EnvironmentError('RF3511', { path, reason }, { cause });
    const found = await mkdir(path, { recursive: true, mode: 0o700 })
      .then(() => lstat(path))
      .catch((error: unknown) => {
        throw refuse(reasonOf(error), error);
      });
    if (!found.isDirectory()) throw refuse('it is no directory');
    const foreign = foreignness(found);
    if (foreign !== undefined) throw refuse(foreign);
    return new PolicyStore(options);
  }

  /** Removes what a crash left unfinished. A file that can not be used is told of, and stays. */
  async read(): Promise<StoreContent> {
    const policies: StoredPolicy[] = [];
    const problems: StoreProblem[] = [];
    for (const name of await this.#names(problems)) {
      const path = join(this.#directory, name);
      if (name.startsWith(UNFINISHED)) await rm(path, { force: true }).catch(() => undefined);
      else {
        const stored = policies.length < this.#policyMax ? await readStored(path, name) : 'too many policies are there';
        if (typeof stored !== 'string') policies.push(stored);
        else if (problems.length < PROBLEMS_MAX) problems.push({ path, reason: stored });
      }
    }
    return { policies, problems };
  }

  async stage({ put, remove }: StoreChange): Promise<StagedChange> {
    const written: Written[] = [];
    const discard = async () => {
      for (const { unfinished } of written) await rm(unfinished, { force: true }).catch(() => undefined);
    };
    for (const policy of put) {
      const unfinished = join(this.#directory, `${UNFINISHED}${randomBytes(8).toString('hex')}`);
      written.push({ unfinished, path: join(this.#directory, fileNameOf(policy)) });
      await writeDurably(unfinished, serialise(policy)).catch(async (error: unknown) => {
        await discard();
        throw this.#unwritable(error);
      });
    }
    return { commit: () => this.#commit(written, remove), discard };
  }

  /** A name changes at once or not at all; of several, those that are new are taken back when a later one fails. */
  async #commit(written: readonly Written[], remove: readonly PolicyName[]): Promise<void> {
    const made: string[] = [];
    try {
      for (const { unfinished, path } of written) {
        const isNew = await lstat(path).then(
          () => false,
          () => true,
        );
        await rename(unfinished, path);
        if (isNew) made.push(path);
      }
      for (const policy of remove) await rm(join(this.#directory, fileNameOf(policy)), { force: true });
      await syncDirectory(this.#directory);
    } catch (error) {
      const unfinished = written.map((each) => each.unfinished);
      for (const path of [...made, ...unfinished]) await rm(path, { force: true }).catch(() => undefined);
      throw this.#unwritable(error);
    }
  }

  async #names(problems: StoreProblem[]): Promise<readonly string[]> {
    const path = this.#directory;
    const names: string[] = [];
    try {
      for await (const { name } of await opendir(path)) {
        if (names.length === NAMES_MAX) {
          problems.push({ path, reason: `it holds more than ${NAMES_MAX} files` });
          break;
        }
        names.push(name);
      }
    } catch (cause) {
      throw new EnvironmentError('RF3511', { path, reason: reasonOf(cause) }, { cause });
    }
    return names.toSorted();
  }

  #unwritable(cause: unknown): EnvironmentError {
    return new EnvironmentError('RF3512', { path: this.#directory, reason: reasonOf(cause) }, { cause });
  }
}

type Written = { readonly unfinished: string; readonly path: string };

/** Readable, of one length at most, and different for every policy, whatever its name is made of. */
export function fileNameOf({ name, namespace }: PolicyName): string {
  const readable = `${namespace ?? 'cluster'}~${name}`.replaceAll(/[^a-z0-9.~-]/g, '_').replace(/^\./, '_');
  const identity = createHash('sha256').update(JSON.stringify([namespace ?? null, name]));
  return `${readable.slice(0, 120)}~${identity.digest('hex').slice(0, 16)}${SUFFIX}`;
}

function serialise({ name, namespace, source, origin, revision, text, enabled, mode }: StoredPolicy): string {
  const written = { version: VERSION, name, namespace, source, origin, revision, enabled, mode, text };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

/** What the file holds, or why it is not used. */
async function readStored(path: string, name: string): Promise<StoredPolicy | string> {
  if (!name.endsWith(SUFFIX)) return 'it is no file of the agent';
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const unfit = await unfitness(file);
    if (unfit !== undefined) return unfit;
    const stored = parseStored(await file.readFile('utf8'));
    if (typeof stored === 'string') return stored;
    return fileNameOf(stored) === name ? stored : 'it does not have the name of the policy that it holds';
  } catch (error) {
    return reasonOf(error) === 'ELOOP' ? 'it is a symbolic link' : `it can not be read (${reasonOf(error)})`;
  }
}

async function unfitness(file: FileHandle): Promise<string | undefined> {
  const found = await file.stat();
  if (!found.isFile()) return 'it is no regular file';
  if (found.size > FILE_BYTES_MAX) return `it is larger than ${FILE_BYTES_MAX} bytes`;
  return foreignness(found);
}

/** Why others than the user who runs the agent may have put it there. */
function foreignness(found: { readonly uid: number; readonly mode: number }): string | undefined {
  const own = process.geteuid?.() ?? 0;
  if (found.uid !== own) return `it belongs to user ${found.uid}, not to user ${own}`;
  return (found.mode & 0o022) === 0 ? undefined : 'others may write to it';
}

function parseStored(text: string): StoredPolicy | string {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return 'it is damaged: what it holds is not JSON';
  }
  if (typeof found !== 'object' || found === null) return 'it is damaged: what it holds is no policy';
  const { version, name, namespace, source, text: policy, enabled, mode, revision, ...more } = found as Fields;
  const { origin = policy === undefined ? 'file' : 'control' } = more;
  if (version !== VERSION) return `it is of version ${JSON.stringify(version)}, which this agent does not know`;
  const isWhole =
    typeof name === 'string' &&
    typeof source === 'string' &&
    typeof enabled === 'boolean' &&
    (origin === 'control' || origin === 'kubernetes' || origin === 'file') &&
    (policy === undefined) === (origin === 'file') &&
    isTextOrMissing(namespace) &&
    isTextOrMissing(revision) &&
    isTextOrMissing(policy) &&
    (mode === undefined || mode === 'enforce' || mode === 'monitor');
  if (!isWhole) return 'it is damaged: a field is wrong';
  return { name, namespace, source, origin, revision, text: policy, enabled, mode };
}

type Fields = Readonly<Record<string, unknown>>;

function isTextOrMissing(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
