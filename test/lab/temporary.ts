/** Temporary directories that go away with their owner, and at the latest with this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directories = new Set<string>();

export class TemporaryDirectory implements Disposable {
  readonly path: string;

  constructor(purpose: string) {
    removeAllAtExit();
    this.path = mkdtempSync(join(tmpdir(), `ringfence-${purpose}-`));
    directories.add(this.path);
  }

  [Symbol.dispose](): void {
    directories.delete(this.path);
    rmSync(this.path, { recursive: true, force: true });
  }
}

let registered = false;

function removeAllAtExit(): void {
  if (registered) return;
  registered = true;
  process.once('exit', () => {
    for (const path of directories) rmSync(path, { recursive: true, force: true });
  });
  // A signal would end the process without its exit handlers.
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(status));
  }
}
