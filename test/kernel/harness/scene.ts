/** Where a test plays: a fresh directory with a secret, a neighbour, a decoy, and programs nobody has seen before. */
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attackPrograms } from '../../attacks/build.ts';

export const fileSystems = {
  ext4: process.env.RINGFENCE_EXT4 ?? '/mnt/ext4',
  tmpfs: process.env.RINGFENCE_TMPFS ?? '/tmp',
} as const;
export type FileSystem = keyof typeof fileSystems;
export const fileSystemNames = Object.keys(fileSystems) as readonly FileSystem[];

export type KnownFile = { readonly path: string; readonly content: Buffer };

/** Longer than any decoy: what a read of the decoy leaves of an earlier read of the secret is still a secret. */
const SECRET_BYTES = 256;
const ORDINARY_BYTES = 32;

export class Scene {
  readonly fileSystem: FileSystem;
  /** Holds the secret and its neighbour. */
  readonly directory: string;
  /** Same file system, for the names that an intruder makes. */
  readonly scratch: string;
  readonly secret: KnownFile;
  /** An ordinary file beside the secret. */
  readonly neighbour: KnownFile;
  /** An ordinary file in another directory, with the secret's own name. */
  readonly decoy: KnownFile;
  /** Copies of the attack program: the one that policies know nothing of, and the one that they allow. */
  readonly intruder: string;
  readonly reader: string;
  readonly #root: string;

  constructor(fileSystem: FileSystem) {
    this.fileSystem = fileSystem;
    this.#root = realpathSync(mkdtempSync(join(fileSystems[fileSystem], `${randomName()}-`)));
    this.directory = this.#makeDirectory(randomName());
    this.scratch = this.#makeDirectory('scratch');
    const name = randomName();
    this.secret = makeFile(join(this.directory, name), secretBytes());
    this.neighbour = makeFile(join(this.directory, `${name}-not`), ordinaryBytes());
    this.decoy = makeFile(join(this.#makeDirectory(randomName()), name), ordinaryBytes());
    const programs = this.#makeDirectory('programs');
    this.intruder = this.copyProgram('intruder', join(programs, randomName()));
    this.reader = this.copyProgram('intruder', join(programs, randomName()));
  }

  copyProgram(program: keyof typeof attackPrograms, path: string): string {
    copyFileSync(attackPrograms[program], path);
    chmodSync(path, 0o755);
    return path;
  }

  /** A further secret, beside the first or in a directory of the caller's. */
  addSecret(directory = this.directory): KnownFile {
    return makeFile(join(directory, randomName()), secretBytes());
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #makeDirectory(name: string): string {
    const path = join(this.#root, name);
    mkdirSync(path);
    return path;
  }
}

export function randomName(): string {
  return randomBytes(6).toString('hex');
}

/** Each byte has its top bit set, and no byte of an ordinary file has: one byte tells which it is from. */
function secretBytes(): Buffer {
  return Buffer.from(randomBytes(SECRET_BYTES).map((byte) => byte | 0x80));
}

function ordinaryBytes(): Buffer {
  return Buffer.from(randomBytes(ORDINARY_BYTES).map((byte) => (byte & 0x7f) | 1));
}

function makeFile(path: string, content: Buffer): KnownFile {
  writeFileSync(path, content, { mode: 0o600 });
  return { path, content };
}
