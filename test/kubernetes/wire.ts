/** A wire to a server, on loopback unless told: it can be cut, and it can go silent with all connections open. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Wire {
  readonly #server: Server;
  readonly #target: { readonly port: number; readonly host: string };
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(target: { readonly port: number; readonly host: string }) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async open(port: number, host = '127.0.0.1'): Promise<Wire> {
    const wire = new Wire({ port, host });
    await new Promise<void>((resolve, reject) => {
      wire.#server.once('error', reject);
      wire.#server.listen(0, '127.0.0.1', resolve);
    });
    return wire;
  }

  get url(): string {
    const address = this.#server.address();
    return `https://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Until it is mended, nobody gets through. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  /** What is connected now hears nothing any more, and is not told so; who comes later gets through. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #accept(client: Socket): void {
    if (this.#cut) return void client.destroy();
    const server = connect(this.#target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
