/** A process of two threads that change what they are, when they are told to: test/attacks/shifter.c. */
import { attackPrograms } from '../../attacks/build.ts';
import { Puppet } from './puppet.ts';

export type Actor = 'leader' | 'thread';
export type Deed = 'open' | 'worker' | 'poller' | 'setresuid' | 'setns' | 'unshare' | 'exec' | 'exit';

export class Shifter {
  readonly #puppet: Puppet;
  #pid = 0;

  private constructor(program: string) {
    this.#puppet = new Puppet(program);
  }

  static async start(program: string = attackPrograms.shifter): Promise<Shifter> {
    const shifter = new Shifter(program);
    shifter.#pid = await shifter.#puppet.number('pid');
    return shifter;
  }

  get pid(): number {
    return this.#pid;
  }

  /** 0, or the negative number of an error. */
  async does(who: Actor, deed: Deed, ...words: readonly (string | number)[]): Promise<number> {
    this.#puppet.tell([who, deed, ...words].join(' '));
    return this.#puppet.number('result');
  }

  /** Goes on as the same program from another file; `who` is the leader then. */
  async execs(who: Actor, path: string): Promise<void> {
    this.#puppet.tell(`${who} exec ${path}`);
    this.#pid = await this.#puppet.number('pid');
  }

  async stop(): Promise<void> {
    await this.#puppet.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
