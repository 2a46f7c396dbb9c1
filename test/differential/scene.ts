/** Where the calls are made: a file system of its own, with a directory that has a second place. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attackPrograms } from '../attacks/build.ts';

export const longFile = `b/${'long-'.repeat(45)}name`;

export class CallScene {
  readonly root: string;
  /** Copies of the program that calls; the first is what makes the processes of the others. */
  readonly binaries: readonly string[];

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'differential-'));
    command('mount', '-t', 'tmpfs', 'differential', this.root);
    for (const directory of ['a', 'b', 'b/mnt', 'deep/down/below/all', 'bind', 'bin', 'bin/more']) {
      mkdirSync(this.path(directory), { recursive: true });
    }
    command('mount', '--bind', this.path('a'), this.path('bind'));
    for (const file of ['a/one', 'a/two', 'b/one', 'deep/down/below/all/one', longFile]) {
      writeFileSync(this.path(file), `the content of ${file}`);
    }
    writeFileSync(this.path('a/program'), 'no program', { mode: 0o755 });
    symlinkSync(this.path('a/one'), this.path('link'));
    this.binaries = ['bin/caller', 'bin/caller-too', 'bin/more/caller'].map((name) => {
      copyFileSync(attackPrograms.caller, this.path(name));
      return this.path(name);
    });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  remove(): void {
    command('umount', '-l', this.root);
  }
}

function command(name: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(name, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${words.join(' ')}: ${stderr}`);
}
