/** `ringfence sysdump`: what support needs to know, in one file. It holds no secrets, no arguments, no environment. */
import { writeFileSync } from 'node:fs';
import { release, version } from 'node:os';
import { gzipSync } from 'node:zlib';
import { ControlClient, redactText, type SysdumpAnswer } from '#control';
import { EnvironmentError } from '#diagnostics';
import { codeOf } from '#std';
import { type ArchivedFile, archive } from './archive.ts';
import { bpfObjectsOf } from './bpf-objects.ts';
import { EXIT } from './exit.ts';
import type { SocketOptions } from './policy-control.ts';

export type SysdumpOptions = SocketOptions & { readonly outputFile: string };

/** Without an agent it is about the machine alone, and says so: that is when it is needed most. */
export async function sysdump({ controlSocket, outputFile: path }: SysdumpOptions): Promise<number> {
  const [agent, features] = [await agentFiles(controlSocket), await featureFile()];
  const kernel = jsonFile('kernel.json', { release: release(), version: version() });
  const node = jsonFile('versions.json', { command: process.versions });
  const files = [...agent, features, kernel, node].map(({ name, text }) => ({
    name: `ringfence-sysdump/${name}`,
    text,
  }));
  try {
    writeFileSync(path, gzipSync(archive(files, new Date())), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const reason = codeOf(cause);
    throw new EnvironmentError('RF3104', { path, reason }, { cause });
  }
  process.stdout.write(`${path}: ${files.length} files\n`);
  return EXIT.ok;
}

async function agentFiles(path: string): Promise<readonly ArchivedFile[]> {
  let answer: SysdumpAnswer;
  try {
    answer = await new ControlClient({ path }).sysdump();
  } catch (error) {
    process.stderr.write(`without the agent: ${messageOf(error)}\n`);
    return [{ name: 'no-agent.txt', text: `${messageOf(error)}\n` }];
  }
  const { status, policies, config, versions, log } = answer;
  return [
    jsonFile('status.json', status),
    jsonFile('config.json', config),
    jsonFile('agent-versions.json', versions),
    { name: 'log.jsonl', text: log.map((line) => `${line}\n`).join('') },
    bpfFile(status.agent.pid),
    ...policies.map(({ name, namespace, text }, index) => ({
      name: `policies/${index}-${`${namespace ?? 'cluster'}-${name}`.slice(0, 50)}.yaml`,
      text,
    })),
  ];
}

function bpfFile(pid: number): ArchivedFile {
  try {
    return jsonFile('bpf.json', bpfObjectsOf(pid));
  } catch (error) {
    return { name: 'bpf.txt', text: `${messageOf(error)}\n` };
  }
}

/** What `doctor` finds. */
async function featureFile(): Promise<ArchivedFile> {
  try {
    const { arch, release: kernel, features } = (await import('#kernel')).probeTarget();
    return jsonFile('features.json', { arch, kernel, features });
  } catch (error) {
    return { name: 'features.txt', text: `${messageOf(error)}\n` };
  }
}

function jsonFile(name: string, value: unknown): ArchivedFile {
  return { name, text: `${JSON.stringify(value, undefined, 2)}\n` };
}

function messageOf(error: unknown): string {
  return redactText(error instanceof Error ? error.message : String(error));
}
