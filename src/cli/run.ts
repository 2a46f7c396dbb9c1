/** `ringfence run`: the agent in the foreground. Events on the standard output, the log on the standard error. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import pino from 'pino';
import { type AgentOptions, runAgent } from '#agent';
import { describeSettings, type Flags, type LoadedSettings, loadSettings, type Settings } from '#config';
import { LogTail } from '#control';
import { hasErrors } from '#diagnostics';
import type { PolicyFile } from '#policy';
import { EXIT, reportDiagnostics } from './exit.ts';
import { readPolicyFiles } from './files.ts';
import { VERSION } from './version.ts';

/** Flags as they were given, by name in camel case. */
export type RunOptions = Flags;

export async function run(flags: RunOptions): Promise<number> {
  const loaded = await loadSettings({ flags, environment: process.env });
  if (hasErrors(loaded.diagnostics)) return reportDiagnostics(loaded.diagnostics);
  const { settings, origins } = loaded;
  const tail = new LogTail();
  const logger = pino({ base: null, level: settings.logLevel }, loggingTo(tail));
  for (const { code, message, hint } of loaded.diagnostics) logger.warn({ code, hint }, message);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { nats, natsCredentials } = settings;
  const diagnostics = await runAgent(
    {
      version: VERSION,
      policies: policyFiles(loaded),
      output: settings.output,
      colour: isatty(1) && process.env.NO_COLOR === undefined, // process.stdout would make the descriptor non-blocking
      outputKinds: origins.event === 'default' ? undefined : new Set(settings.event),
      nats: nats.length === 0 ? undefined : { servers: nats, credentialsFile: natsCredentials || undefined },
      export: exportOptions(settings),
      nodeName: settings.nodeName || hostname(),
      clusterName: settings.clusterName,
      podAnnotations: settings.enablePodAnnotations,
      cluster: settings.enableK8sApi ? { kubeconfig: settings.k8sKubeconfigPath || undefined } : undefined,
      nodeRoot: settings.nodeRoot,
      failClosedNamespaces: settings.failClosedNamespaces,
      holdUnknownPods: settings.holdUnknownPods,
      nriSocket: settings.nriSocket || undefined,
      detect: settings.detect,
      strict: settings.strict,
      criticalBinaries: settings.criticalBinaries,
      selfProtection: settings.selfProtection,
      startGuardMs: settings.startGuard,
      kprobes: settings.bpfLib || join(import.meta.dirname, '../../kprobes/build'),
      rings: { verdict: settings.verdictRingSize, observation: settings.observationRingSize },
      pins: settings.bpfDir || undefined,
      runDirectory: settings.runDir,
      stateDirectory: settings.stateDir,
      controlSocket: settings.controlSocket || join(settings.runDir, 'control.sock'),
      metricsServer: settings.metricsServer,
      settings: Object.fromEntries(describeSettings(loaded).map(({ name, value }) => [name, value])),
      recentLog: () => tail.lines,
      log: (level, fields, message) => logger[level](fields, message),
    },
    stop.signal,
  );
  return diagnostics.length === 0 ? EXIT.ok : reportDiagnostics(diagnostics);
}

/** The directory need not be there, unless somebody named it. */
function policyFiles({ settings, origins }: LoadedSettings): readonly PolicyFile[] {
  const directory = settings.tracingPolicyDir;
  const read = directory !== '' && (origins['tracing-policy-dir'] !== 'default' || existsSync(directory));
  return readPolicyFiles([...settings.tracingPolicy, ...(read ? [directory] : [])]);
}

function exportOptions(settings: Settings): AgentOptions['export'] {
  if (settings.exportFilename === '') return undefined;
  return {
    path: settings.exportFilename,
    bytesMax: settings.exportFileMaxSizeMb * 1024 * 1024,
    intervalMs: settings.exportFileRotationInterval,
    countMax: settings.exportFileMaxBackups,
    compress: settings.exportFileCompress,
    permission: settings.exportFilePerm,
  };
}

/** The standard error, and what a support bundle shows of it. */
function loggingTo(tail: LogTail): pino.DestinationStream {
  const stderr = pino.destination({ fd: 2, sync: true });
  return {
    write(line) {
      tail.add(line);
      stderr.write(line);
    },
  };
}
