/**
 * Programs of others that take minutes of processor time to build, begun ahead of the tests that want them, for when this
 * machine has nothing else to do. Whoever wants one earlier waits for it, and says why it cannot be had.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');

export class PeersAhead implements Disposable {
  readonly #build: ChildProcess;

  constructor() {
    const argv = ['--pdeathsig', 'TERM', 'nice', '-n', '19', process.execPath, 'test/peers/build.ts'];
    this.#build = spawn('setpriv', argv, { cwd: REPOSITORY, stdio: 'ignore' });
    this.#build.on('error', () => undefined); // the tests that want them say so
    this.#build.unref();
  }

  [Symbol.dispose](): void {
    this.#build.kill();
  }
}
