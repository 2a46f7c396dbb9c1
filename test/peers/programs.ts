/** Builds what a cluster is made of from the sources that Go's module proxy has, once. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { attempt, CommandFailed, execute } from '../lab/command.ts';
import { once } from '../lab/state.ts';
import { LabUnavailable } from '../lab/unavailable.ts';

const SOURCES = join(import.meta.dirname, 'apiserver');
const MODULE = ['go.mod', 'go.sum'];
const VERSION = /k8s\.io\/kubernetes (v[\d.]+)/;
const USUAL_PLACE = '/usr/local/go/bin/go';

type Program = { readonly name: string; readonly what: string; readonly directory: string };

/** kube-apiserver and etcd, which is the program: its first argument says which. */
export function provideApiServer(): Promise<string> {
  return provide({ name: 'apiserver', what: 'kube-apiserver', directory: '.' });
}

/** kubelet, kube-controller-manager and kube-scheduler, in the same way. */
export function provideNodePrograms(): Promise<string> {
  return provide({ name: 'node', what: 'the kubelet', directory: './node' });
}

async function provide(program: Program): Promise<string> {
  const { name } = program;
  const files = [...MODULE, join(program.directory, 'main.go')];
  const sources = files.map((file) => readFileSync(join(SOURCES, file), 'utf8'));
  const directory = await once({
    ...{ kind: 'peers', name, inputs: { format: 1, sources } },
    build: (into) => build(program, sources.join('\n'), join(into, name)),
  });
  return join(directory, name);
}

async function build({ what, directory }: Program, sources: string, file: string): Promise<void> {
  const go = await findGo();
  const version = VERSION.exec(sources)?.[1];
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  const parallel = String(Math.min(availableParallelism(), 4)); // a compiler takes up to 1 GiB
  try {
    await execute(['nice', go, 'build', '-p', parallel, '-trimpath', '-ldflags', flags, '-o', file, directory], {
      cwd: SOURCES,
      env: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly', GOTOOLCHAIN: 'local' },
    });
  } catch (cause) {
    if (!(cause instanceof CommandFailed)) throw cause;
    throw new LabUnavailable(`${what} cannot be built: ${cause.message}`, { cause });
  }
}

async function findGo(): Promise<string> {
  for (const go of ['go', USUAL_PLACE]) {
    const found = await attempt([go, 'version']).catch(() => undefined);
    if (found?.status === 0) return go;
  }
  throw new LabUnavailable('Go is missing, which builds what a cluster is made of (1.24 or newer)');
}
