/** The real helm, built once from its sources at a pinned version; and what it makes of the chart. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { attempt, type CommandResult, execute } from '../lab/command.ts';
import { once } from '../lab/state.ts';
import { LabUnavailable } from '../lab/unavailable.ts';

const HELM = { module: 'helm.sh/helm/v4/cmd/helm', version: 'v4.3.1' } as const;

export const CHART = join(import.meta.dirname, '../../charts/ringfence');

/** Nothing that whoever runs the tests has set up for helm or for a cluster counts. */
const ALONE = { KUBECONFIG: '/nonexistent', HELM_NO_PLUGINS: '1' } as const;

/** The program. Throws `LabUnavailable` where there is no Go, or its modules cannot be had. */
export async function provideHelm(): Promise<string> {
  if (!onPath('go')) throw new LabUnavailable('helm is built with Go, which is not installed (Debian: golang-go)');
  const directory = await once({ kind: 'programs', name: 'helm', inputs: HELM, build: buildHelm });
  return join(directory, 'helm');
}

async function buildHelm(directory: string): Promise<void> {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const install = ['go', 'install', '-p', '2', '-trimpath', '-ldflags=-s -w', `${HELM.module}@${HELM.version}`];
  const { status, stderr } = await attempt(['nice', ...install], { env: { CGO_ENABLED: '0', GOBIN: bin } });
  if (status !== 0) throw new LabUnavailable(`helm cannot be built: ${stderr.trim().split('\n').slice(-3).join('; ')}`);
  await rename(join(bin, 'helm'), join(directory, 'helm'));
  await rm(bin, { recursive: true });
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** Runs helm, whatever comes of it. */
export async function helm(program: string, argv: readonly string[]): Promise<CommandResult> {
  return attempt([program, ...argv], { env: ALONE });
}

/** Runs helm, which has to succeed. */
export async function helmOutput(program: string, argv: readonly string[]): Promise<string> {
  return execute([program, ...argv], { env: ALONE });
}
