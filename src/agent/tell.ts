/** What the log says of a start. */
import { sectionOf } from '#bpf';
import { type Diagnostic, diagnostic, type EnvironmentError } from '#diagnostics';
import type { Started } from '#sensors';
import type { AgentOptions, Log } from './options.ts';

/** What each hook does on this kernel, what is wrong with a policy, and that the agent is ready. */
export function tellReady({ log, detect, nodeName }: AgentOptions, started: Started, attachedMs: number): void {
  for (const report of started.reports) {
    const { policy, hook, points, effect, racy, mayBeSkipped, cost } = report;
    const attached = points.map(sectionOf);
    log('info', { policy, hook: hook.name.value, attached, effect, racy, mayBeSkipped, cost }, 'attached');
  }
  for (const each of started.diagnostics) tellDiagnostic(log, each);
  for (const { path, reason } of started.problems) log('warn', { path, reason }, 'a kept policy was left alone');
  const policies = started.policies.map((policy) => policy.name);
  log('info', { policies, mode: detect ? 'detect' : 'enforce', attachedMs, node: nodeName }, 'ready');
}

export function tellDiagnostic(log: Log, { code, severity, hint, span, message }: Diagnostic): void {
  log(severity === 'error' ? 'error' : 'warn', { code, hint, file: span?.file, line: span?.line }, message);
}

/** What goes on without it. */
export function tellError(log: Log, { code, hint, message }: EnvironmentError): void {
  log('warn', { code, hint }, message);
}

export function tellForeign(log: Log, paths: readonly string[]): void {
  for (const path of paths) tellDiagnostic(log, diagnostic('RF3022', undefined, { path }));
}
