/** A containerd of the test's own, with the part that serves the kubelet, on the scratch disk of the guest. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './cluster.ts';
import { provideRunc } from './containers.ts';
import { Cri } from './cri.ts';
import { Lines } from './lines.ts';

/** test/lab/containerd-disk.ts puts it there. */
const PROGRAMS = '/run/containerd-programs';
const SOCKET = '/run/containerd/containerd.sock';
const SCRATCH = '/mnt/ext4';
const NAMESPACE = 'k8s.io';
/** It becomes that of containers, and every machine has one but the guest. */
const RESOLVER = '/etc/resolv.conf';

/** Of no use here; each would be asked for what this kernel or this file system lacks. */
const DISABLED = [
  ...['aufs', 'blockfile', 'btrfs', 'devmapper', 'zfs'].map((name) => `io.containerd.snapshotter.v1.${name}`),
  ...[
    'io.containerd.internal.v1.tracing',
    'io.containerd.tracing.processor.v1.otlp',
    'io.containerd.internal.v1.restart',
  ],
];

export type ContainerdOptions = {
  /** The image of the container that holds a pod together. */
  readonly sandboxImage: string;
  /** How layers of an image become a file system; `native`, which needs no driver, copies them. */
  readonly snapshotter?: 'native' | 'overlayfs';
  /** Where it speaks NRI; it does not unless said. */
  readonly nriSocket?: string;
  /** What all containers begin with. */
  readonly baseRuntimeSpec?: string;
};

export function hasContainerd(): boolean {
  return existsSync(join(PROGRAMS, 'containerd'));
}

export class Containerd implements AsyncDisposable {
  readonly #directory: string;
  #snapshotter = 'native';
  #child: ChildProcess | undefined;
  #log: Lines | undefined;
  #cri: Cri | undefined;

  /** Unless said, what it keeps is on the scratch disk. */
  constructor(scratch = SCRATCH) {
    this.#directory = mkdtempSync(join(scratch, 'containerd-'));
  }

  get cri(): Cri {
    if (this.#cri === undefined) throw new Error('containerd has not started');
    return this.#cri;
  }

  get log(): string {
    return this.#log?.seen.slice(-40).join('\n') ?? '';
  }

  async start(options: ContainerdOptions): Promise<void> {
    const config = join(this.#directory, 'config.toml');
    if (!existsSync(RESOLVER)) writeFileSync(RESOLVER, '');
    writeFileSync(config, configText(this.#directory, provideRunc(), options));
    this.#snapshotter = options.snapshotter ?? 'native';
    const child = spawn(join(PROGRAMS, 'containerd'), ['--config', config, '--log-level', 'warn'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#log = new Lines(child.stderr);
    await until('containerd serves', () => this.#serves());
  }

  /** Containers go on without it. */
  async stop(): Promise<void> {
    this.#cri?.[Symbol.dispose]();
    this.#cri = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  importImage(file: string): void {
    this.ctr(['images', 'import', '--snapshotter', this.#snapshotter, file]);
  }

  ctr(argv: readonly string[]): string {
    const all = ['--address', SOCKET, '--namespace', NAMESPACE, ...argv];
    const { status, stdout, stderr } = spawnSync(join(PROGRAMS, 'ctr'), all, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ctr ${argv.join(' ')}: ${stderr}\n${this.log}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #serves(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error(`containerd ended:\n${this.log}`);
    if (!existsSync(SOCKET)) return false;
    const cri = new Cri(SOCKET);
    try {
      await cri.version();
    } catch {
      cri[Symbol.dispose]();
      return false;
    }
    this.#cri = cri;
    return true;
  }
}

function configText(directory: string, runc: string, options: ContainerdOptions): string {
  const { sandboxImage, snapshotter = 'native', nriSocket, baseRuntimeSpec } = options;
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const spec = baseRuntimeSpec === undefined ? '' : `base_runtime_spec = ${JSON.stringify(baseRuntimeSpec)}`;
  mkdirSync(join(directory, 'cni'), { recursive: true });
  return `version = 2
root = "${join(directory, 'root')}"
state = "/run/containerd"
disabled_plugins = ${JSON.stringify(DISABLED)}

[grpc]
  address = "${SOCKET}"

[${cri}]
  sandbox_image = "${sandboxImage}"
  [${cri}.cni]
    bin_dir = "${join(directory, 'cni')}"
    conf_dir = "${join(directory, 'cni')}"
  [${cri}.containerd]
    snapshotter = "${snapshotter}"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      ${spec}
      [${cri}.containerd.runtimes.runc.options]
        BinaryName = "${runc}"

[plugins."io.containerd.nri.v1.nri"]
  disable = ${nriSocket === undefined}
  socket_path = "${nriSocket ?? '/nonexistent'}"
  # the guest is emulated: what takes a moment elsewhere takes seconds here
  plugin_registration_timeout = "60s"
  plugin_request_timeout = "60s"
`;
}
