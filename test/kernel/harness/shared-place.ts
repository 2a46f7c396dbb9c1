/** Where agents that follow each other keep what the next one finds; gone at the end, with all that is pinned there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpinAll } from '#kernel';
import type { AgentPlace } from './agent.ts';

export class SharedPlace implements AgentPlace, Disposable {
  /** For files of the test's own. */
  readonly directory: string;
  readonly pins: string;
  readonly run: string;
  readonly state: string;

  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `ringfence-${name}-`));
    this.pins = `/sys/fs/bpf/ringfence-${name}`;
    this.run = join(this.directory, 'run');
    this.state = join(this.directory, 'state');
  }

  [Symbol.dispose](): void {
    unpinAll(this.pins);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
