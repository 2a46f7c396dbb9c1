/** Real containers: runc, a root directory with busybox, cgroups as Kubernetes names them, our hook in their configuration. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repository } from './agent.ts';

const RUNTIME = join(repository, 'container-runtime');
const LIBRARY = 'libseccomp.so.2';
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';
const BUSYBOX = '/usr/bin/busybox';

export type ContainerSpec = {
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  /** Of busybox; `/out` is a directory that the test sees too. */
  readonly command: (id: string) => readonly string[];
  /** With a user namespace of its own, in which root is nobody of the node. */
  readonly userNamespace?: boolean;
  /** When its runtime runs the hook; `never`: it has none. */
  readonly stage?: 'createRuntime' | 'createContainer' | 'never';
};

export type Ran = { readonly id: string; readonly status: number | null; readonly output: string };

/** The path of runc, which finds its library from then on. */
export function provideRunc(): string {
  if (!existsSync(join(LIBRARIES, LIBRARY))) symlinkSync(join(RUNTIME, LIBRARY), join(LIBRARIES, LIBRARY));
  return join(RUNTIME, 'runc');
}

export class Containers {
  /** What containers have at `/out`. */
  readonly out: string;
  readonly #directory: string;
  readonly #runDirectory: string;
  readonly #runc: string;
  readonly #running = new Set<Promise<unknown>>();

  /** The hook asks the agent whose files are in `runDirectory`. */
  constructor(runDirectory: string) {
    this.#directory = mkdtempSync(join(tmpdir(), 'ringfence-containers-'));
    chmodSync(this.#directory, 0o755); // who is nobody here has to get to its root directory
    this.#runDirectory = runDirectory;
    this.out = join(this.#directory, 'out');
    mkdirSync(this.out);
    chmodSync(this.out, 0o777);
    for (const each of ['rootfs/bin', 'rootfs/out', 'rootfs/proc', 'rootfs/dev', 'rootfs/sys/fs/cgroup', 'state']) {
      mkdirSync(join(this.#directory, each), { recursive: true });
    }
    copyFileSync(BUSYBOX, join(this.#directory, 'rootfs/bin/busybox'));
    this.#runc = provideRunc();
  }

  /** Runs a container to its end. `id` is told before anything of it is made. */
  async run(spec: ContainerSpec, begins: (id: string) => void = () => undefined): Promise<Ran> {
    const id = randomBytes(32).toString('hex');
    begins(id);
    const bundle = join(this.#directory, id);
    this.configure(bundle, id, spec);
    const argv = ['--root', join(this.#directory, 'state'), 'run', '--bundle', bundle, id];
    const child = spawn(this.#runc, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    this.#running.add(ended);
    const [output, errors, [status]] = await ended;
    this.#running.delete(ended);
    rmSync(bundle, { recursive: true });
    return { id, status: status as number | null, output: output + errors };
  }

  /** Writes the configuration of a container into a new directory. */
  configure(bundle: string, id: string, spec: ContainerSpec): void {
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(this.#configOf(id, spec)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#running);
    rmSync(this.#directory, { recursive: true });
  }

  #configOf(id: string, { podUid, namespace, name, command, userNamespace, stage = 'createRuntime' }: ContainerSpec) {
    const hook = join(repository, 'kprobes/build/ringfence-hook');
    const types = ['pid', 'mount', 'ipc', 'uts', 'cgroup', ...(userNamespace === true ? ['user'] : [])];
    const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    return {
      ociVersion: '1.0.2',
      process: {
        ...{ terminal: false, user: { uid: 0, gid: 0 }, cwd: '/', env: ['PATH=/bin'] },
        args: ['/bin/busybox', ...command(id)],
      },
      root: { path: join(this.#directory, 'rootfs') },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
        { destination: '/out', type: 'bind', source: this.out, options: ['rbind', 'rw'] },
        { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw'] },
      ],
      annotations: {
        'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.sandbox-uid': podUid,
        'io.kubernetes.cri.sandbox-namespace': namespace,
        'io.kubernetes.cri.sandbox-name': `pod-of-${namespace}`,
        'io.kubernetes.cri.container-name': name,
        'io.kubernetes.cri.image-name': 'docker.io/library/busybox:1',
      },
      ...(stage === 'never'
        ? {}
        : { hooks: { [stage]: [{ path: hook, args: ['ringfence-hook', stage, this.#runDirectory] }] } }),
      linux: {
        cgroupsPath: `/kubepods/burstable/pod${podUid}/${id}`,
        namespaces: types.map((type) => ({ type })),
        ...(userNamespace === true ? { uidMappings: mappings, gidMappings: mappings } : {}),
      },
    };
  }
}
