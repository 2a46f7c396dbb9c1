/** `ringfence hook install|uninstall`: the hook that container runtimes run before the first process of a container. */
import { join } from 'node:path';
import { type HookDescription, type HookPlace, installHook, uninstallHook } from '#workloads';
import { EXIT } from './exit.ts';

export type HookOptions = {
  readonly nodeRoot: string;
  readonly program: string;
  readonly hooksDir: string;
  readonly runDir: string;
  readonly agentNamespace?: string;
  readonly kprobes?: string;
};

export function install(options: HookOptions): number {
  const built = options.kprobes ?? join(import.meta.dirname, '../../kprobes/build');
  const description = installHook(placeOf(options), join(built, 'ringfence-hook'));
  process.stdout.write(`installed ${options.program}\n${forRuntimes(options, description)}`);
  return EXIT.ok;
}

export function uninstall(options: HookOptions): number {
  uninstallHook(placeOf(options));
  process.stdout.write('nothing of the hook is left; take it out of the base_runtime_spec of containerd too\n');
  return EXIT.ok;
}

function placeOf({ nodeRoot, program, hooksDir, runDir, agentNamespace }: HookOptions): HookPlace {
  return { nodeRoot, program, hooksDirectory: hooksDir, runDirectory: runDir, agentNamespace };
}

/** CRI-O and Podman read a directory; containerd has a file with what all containers begin with. */
function forRuntimes({ hooksDir }: HookOptions, { hook }: HookDescription): string {
  return `CRI-O and Podman run it for each container from now on, as ${hooksDir} says.
containerd runs what its base_runtime_spec has: make one with
  ctr oci spec > /etc/containerd/ringfence-base.json
add to it
  "hooks": ${JSON.stringify({ createRuntime: [hook] })}
name it in config.toml, for each runtime that Kubernetes uses, and restart containerd
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    base_runtime_spec = "/etc/containerd/ringfence-base.json"
`;
}
