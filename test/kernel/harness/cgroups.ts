/** Cgroups of a test, below one directory of a hierarchy that is mounted for it, and who is in them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hierarchy } from '#sensors';

export class Cgroups {
  readonly #mount: string;
  readonly #base: string;

  /** A v1 hierarchy exists as long as it is mounted, and what is in the root of others is in its root. */
  constructor(hierarchy: Hierarchy) {
    this.#mount = mkdtempSync(join(tmpdir(), 'cgroups-'));
    const type = hierarchy === 'unified' ? ['cgroup2'] : ['cgroup', '-o', hierarchy];
    run('mount', ['-t', ...type, 'ringfence-test', this.#mount]);
    this.#base = mkdtempSync(join(this.#mount, 'test-'));
  }

  /** A path below the directory of this test; its cgroups are made. Returns the id. */
  make(path: string): bigint {
    mkdirSync(join(this.#base, path), { recursive: true });
    return this.id(path);
  }

  /** What records and the table of workloads call it: the inode of its directory. */
  id(path: string): bigint {
    return statSync(join(this.#base, path), { bigint: true }).ino;
  }

  path(path: string): string {
    return join(this.#base, path);
  }

  /** All threads of the process; `..` is the root. */
  move(pid: number, path: string): void {
    writeFileSync(path === '..' ? join(this.#mount, 'cgroup.procs') : join(this.#base, path, 'cgroup.procs'), `${pid}`);
  }

  /** One thread: only v1 lets threads of a process be anywhere. */
  moveThread(tid: number, path: string): void {
    writeFileSync(join(this.#base, path, 'tasks'), `${tid}`);
  }

  /** Who is still there goes to the root. */
  [Symbol.dispose](): void {
    this.#empty(this.#base);
    run('umount', [this.#mount]);
    rmdirSync(this.#mount);
  }

  #empty(directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#empty(join(directory, entry.name));
    }
    for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n')) {
      if (pid !== '') this.move(Number(pid), '..');
    }
    rmdirSync(directory);
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`, { cause: error });
}
