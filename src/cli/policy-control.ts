/** `ringfence policy add`, `list`, `delete`, `enable`, `disable` and `mode`: asked of the agent that runs. */
import { type ChangeAnswer, ControlClient, type PolicyMode } from '#control';
import { EXIT, reportDiagnostics } from './exit.ts';
import { readPolicyFiles } from './files.ts';
import { policyTable } from './policy-text.ts';

export type SocketOptions = { readonly controlSocket: string };
export type NamedOptions = SocketOptions & { readonly namespace?: string };
export type AddOptions = SocketOptions & { readonly replace?: boolean; readonly mode?: PolicyMode };
export type ListOptions = SocketOptions & { readonly output: 'text' | 'json' };

/** File after file: what one is refused for does not undo the others. */
export async function addPolicies(files: readonly string[], options: AddOptions): Promise<number> {
  const { replace = false, mode } = options;
  const client = clientOf(options);
  let worst: number = EXIT.ok;
  for (const { file, text } of readPolicyFiles(files)) {
    const request = { text, source: file, replace, ...(mode === undefined ? {} : { mode }) };
    const exitCode = report(await client.add(request), 'added');
    if (worst === EXIT.ok) worst = exitCode;
  }
  return worst;
}

export async function listPolicies(options: ListOptions): Promise<number> {
  const answer = await clientOf(options).policies();
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(answer)}\n` : policyTable(answer.policies));
  return EXIT.ok;
}

export async function deletePolicy(name: string, options: NamedOptions): Promise<number> {
  const answer = await clientOf(options).remove({ name, namespace: options.namespace });
  return report(answer, 'deleted', name);
}

export async function enablePolicy(name: string, options: NamedOptions): Promise<number> {
  return report(await clientOf(options).enable({ name, namespace: options.namespace }), 'enabled');
}

export async function disablePolicy(name: string, options: NamedOptions): Promise<number> {
  return report(await clientOf(options).disable({ name, namespace: options.namespace }), 'disabled');
}

export async function setPolicyMode(name: string, mode: PolicyMode, options: NamedOptions): Promise<number> {
  const answer = await clientOf(options).setMode({ name, namespace: options.namespace }, mode);
  return report(answer, `set to mode "${mode}"`);
}

function clientOf({ controlSocket }: SocketOptions): ControlClient {
  return new ControlClient({ path: controlSocket });
}

/** `name` where the answer has no policy any more. */
function report({ kind, policies, diagnostics }: ChangeAnswer, done: string, name?: string): number {
  const exitCode = reportDiagnostics(diagnostics);
  if (kind === 'failed') return EXIT.environment;
  if (kind === 'refused') return exitCode === EXIT.ok ? EXIT.policy : exitCode;
  const names = name === undefined ? policies.map((policy) => policy.name) : [name];
  for (const each of names) process.stdout.write(`tracing policy "${each}" ${done}\n`);
  return EXIT.ok;
}
