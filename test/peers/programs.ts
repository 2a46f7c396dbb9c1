/** Builds kube-apiserver and etcd from the sources that Go's module proxy has, once. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { attempt, CommandFailed, execute } from '../lab/command.ts';
import { once } from '../lab/state.ts';
import { LabUnavailable } from '../lab/unavailable.ts';

const SOURCES = join(import.meta.dirname, 'apiserver');
const FILES = ['go.mod', 'go.sum', 'main.go'];
const VERSION = /k8s\.io\/kubernetes (v[\d.]+)/;
const USUAL_PLACE = '/usr/local/go/bin/go';

/** The program that is both: its first argument says which. */
export async function provideApiServer(): Promise<string> {
  const sources = FILES.map((name) => readFileSync(join(SOURCES, name), 'utf8'));
  const directory = await once({
    kind: 'peers',
    name: 'apiserver',
    inputs: { format: 1, sources },
    build: (into) => build(sources.join('\n'), join(into, 'apiserver')),
  });
  return join(directory, 'apiserver');
}

async function build(sources: string, program: string): Promise<void> {
  const go = await findGo();
  const version = VERSION.exec(sources)?.[1];
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  const parallel = String(Math.min(availableParallelism(), 4)); // a compiler takes up to 1 GiB
  try {
    await execute(['nice', go, 'build', '-p', parallel, '-trimpath', '-ldflags', flags, '-o', program, '.'], {
      cwd: SOURCES,
      env: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly', GOTOOLCHAIN: 'local' },
    });
  } catch (cause) {
    if (!(cause instanceof CommandFailed)) throw cause;
    throw new LabUnavailable(`kube-apiserver cannot be built: ${cause.message}`, { cause });
  }
}

async function findGo(): Promise<string> {
  for (const go of ['go', USUAL_PLACE]) {
    const found = await attempt([go, 'version']).catch(() => undefined);
    if (found?.status === 0) return go;
  }
  throw new LabUnavailable('Go is missing, which builds kube-apiserver and etcd (1.24 or newer)');
}
