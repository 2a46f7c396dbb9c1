/** Talks to QEMU in its machine protocol (QMP): one JSON object a line, commands answered in order. */

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Answer = { readonly return?: unknown; readonly error?: { readonly desc: string } };
type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

export class Qmp {
  readonly #socket: Socket;
  readonly #waiting: (Waiting & { readonly command: string })[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket })
      .on('line', (line) => this.#answer(JSON.parse(line)))
      .on('error', () => socket.destroy()); // QEMU ended; 'close' tells those who wait
    socket.once('close', () => {
      for (const { command, reject } of this.#waiting.splice(0)) reject(new Error(`QEMU ended during ${command}`));
    });
  }

  execute(command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`);
    });
  }

  /** Greetings and events pass by; the rest answers the oldest command. */
  #answer(answer: Answer): void {
    if (answer.return === undefined && answer.error === undefined) return;
    const waiting = this.#waiting.shift();
    if (answer.error === undefined) waiting?.resolve(answer.return);
    else waiting?.reject(new Error(`QEMU refused ${waiting.command}: ${answer.error.desc}`));
  }
}
