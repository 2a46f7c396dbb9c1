/** What makes a cluster of an API server: controllers and the scheduler, as far as pods of a DaemonSet need them. */
import type { ApiServer } from './api-server.ts';
import { Child } from './child.ts';
import { provideNodePrograms } from './programs.ts';

/** Those that make pods of DaemonSets, and the account and the certificate that each pod of a namespace has. */
const WANTED = ['daemonset-controller', 'serviceaccount-controller', 'root-ca-certificate-publisher-controller'];

export class Controllers implements AsyncDisposable {
  readonly #children: readonly Child[];

  private constructor(children: readonly Child[]) {
    this.#children = children;
  }

  /** Throws `LabUnavailable` where they can neither be found nor built. */
  static async start(server: ApiServer): Promise<Controllers> {
    const program = await provideNodePrograms();
    const kubeconfig = `--kubeconfig=${await server.kubeconfig()}`;
    // neither is one of several, nor is anybody served
    const alone = ['--leader-elect=false', '--secure-port=0', kubeconfig];
    const certificate = `--root-ca-file=${server.authorityFile}`;
    return new Controllers([
      new Child(program, ['kube-controller-manager', `--controllers=${WANTED.join(',')}`, certificate, ...alone]),
      new Child(program, ['kube-scheduler', ...alone]),
    ]);
  }

  /** The last that each of them said. */
  get said(): string {
    return this.#children.map(({ said }) => said).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await child.stop('SIGKILL');
  }
}
