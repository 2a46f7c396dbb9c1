/** `ringfence detach`: takes away what an agent left in the kernel, when none runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnostic, EnvironmentError, renderDiagnostic } from '#diagnostics';
import { requirePrivileges } from '#kernel';
import { detachAll, detachPolicy } from '#sensors';
import { EXIT } from './exit.ts';

export type DetachOptions = {
  readonly all?: boolean;
  readonly policy?: string;
  /** Seconds that an agent may take to end. */
  readonly wait: number;
  readonly bpfDir: string;
  readonly runDir: string;
};

const TRY_AGAIN_MS = 500;

export async function detach({ all = false, policy, wait, bpfDir, runDir }: DetachOptions): Promise<number> {
  if (all === (policy !== undefined)) {
    process.stderr.write('name what is to be detached: --all, or --policy NAME\n');
    return EXIT.policy;
  }
  requirePrivileges();
  const place = { pins: bpfDir, run: runDir };
  if (policy !== undefined) {
    for (const { name, namespace } of await onceAgentEnded(wait, () => detachPolicy(place, nameOf(policy)))) {
      say(`policy ${namespace === undefined ? '' : `${namespace}/`}${name} is off until an agent loads it again`);
    }
    return EXIT.ok;
  }
  const { layouts, foreign } = await onceAgentEnded(wait, () => detachAll(place));
  for (const path of foreign) process.stderr.write(`${renderDiagnostic(diagnostic('RF3022', undefined, { path }))}\n`);
  say(layouts.length === 0 ? `nothing of ours is pinned in ${bpfDir}` : `detached all that was pinned in ${bpfDir}`);
  return EXIT.ok;
}

/** The lock of the node is what tells; RF3021 is thrown where it is held for longer. */
async function onceAgentEnded<Result>(seconds: number, act: () => Result): Promise<Result> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return act();
    } catch (error) {
      const isRunning = error instanceof EnvironmentError && error.code === 'RF3021';
      if (!isRunning || performance.now() >= end) throw error;
    }
    await sleep(TRY_AGAIN_MS);
  }
}

/** `NAME`, or `NAMESPACE/NAME`. */
function nameOf(text: string): { readonly name: string; readonly namespace: string | undefined } {
  const slash = text.indexOf('/');
  return slash < 0
    ? { name: text, namespace: undefined }
    : { name: text.slice(slash + 1), namespace: text.slice(0, slash) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
