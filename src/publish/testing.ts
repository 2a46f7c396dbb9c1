/** Test support: events to publish, and a NATS server to publish to. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeclaredHook, ExecEvent, Identity, PolicyEvent, Verdict } from '#events';
import { bootClock, ProcessTable, type Workload } from '#process';
import { stateDirectory } from '../../test/lab/state.ts';

const EPOCH_NS = 1_767_323_045_000_000_000n;
const processes = new ProcessTable({ nodeName: 'node-1.example', clock: bootClock(EPOCH_NS) });
const process = processes.find({ pid: 42, startNs: 1234n });

const identity: Identity = {
  bootId: '0a1b2c3d-0000-0000-0000-000000000000',
  ring: 'verdict',
  ringIncarnation: 'feedface01',
  cpu: 3,
  sequence: 0,
  whileAway: false,
};
const nowhere = { workload: undefined, parentWorkload: undefined };
const head = { nodeName: 'node-1.example', timeNs: EPOCH_NS, process, parent: undefined, ...nowhere, tid: 42 };

export type WorkloadOptions = {
  readonly pod?: { readonly namespace: string; readonly name: string; readonly labels?: Record<string, string> };
  readonly container?: string;
};

/** A container of a pod of a Deployment; without a pod, a container that no pod has. */
export function workload({ pod, container = 'main' }: WorkloadOptions): Workload {
  return {
    pod: pod && {
      ...{ uid: `uid-${pod.name}`, labels: {}, annotations: {}, ...pod },
      workload: { kind: 'Deployment', name: 'web' },
    },
    container: {
      ...{ id: `${container}0123456789abcdef0123456789abcdef`, name: container },
      ...{ image: { id: '', name: '' }, startedNs: undefined, privileged: false },
    },
  };
}

export function execEvent(sequence: number): ExecEvent {
  return { kind: 'exec', ...head, identity: { ...identity, sequence }, binaryTruncated: false };
}

/** Of a call that was denied by EPERM when it was denied. */
export function policyEvent(sequence: number, verdict: Verdict, declared: DeclaredHook): PolicyEvent {
  return {
    kind: declared.kind,
    ...head,
    identity: { ...identity, sequence },
    hook: {
      policyName: 'guard-secrets',
      namespace: undefined,
      declared,
      message: undefined,
      tags: [],
      arguments: [],
      result: undefined,
      architecture: 'x86_64',
      decided: undefined,
      racy: false,
      denies: true,
    },
    arguments: [],
    result: undefined,
    action: 'KPROBE_ACTION_OVERRIDE',
    returnAction: 'KPROBE_ACTION_POST',
    verdict,
    errno: verdict === 'denied' ? 1 : 0,
    mode: 'enforce',
    selector: 0,
    signal: '',
    mayComplete: false,
    returnLost: false,
    unreadable: false,
    notKilled: false,
    critical: false,
    demoted: false,
    comm: { text: 'cat', raw: undefined },
    cgroupId: 0n,
  };
}

export function lsmEvent(sequence: number, verdict: Verdict = 'denied', functionName = 'file_open'): PolicyEvent {
  return policyEvent(sequence, verdict, { kind: 'lsm', functionName });
}

/** The binary to test with: named, on the path, or among the lab's programs; undefined when there is none. */
export function natsServerBinary(): string | undefined {
  const { RINGFENCE_NATS_SERVER, PATH = '' } = globalThis.process.env;
  if (RINGFENCE_NATS_SERVER !== undefined) return RINGFENCE_NATS_SERVER;
  const folders = [...PATH.split(':'), '/usr/sbin'];
  const lab = globSync(join(stateDirectory(), 'packages/programs@*/usr/sbin'));
  return [...folders, ...lab].map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}

export type ServerFlags = {
  readonly maxPayload?: number;
  /** The subjects that the user agent (password agent) may publish to; the user root (password root) may do all. */
  readonly permit?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
};

export class NatsTestServer {
  readonly port: number;
  readonly #binary: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  static async start(binary: string, flags: ServerFlags = {}): Promise<NatsTestServer> {
    const server = new NatsTestServer(binary, await freePort(), flags);
    await server.start();
    return server;
  }

  private constructor(binary: string, port: number, flags: ServerFlags) {
    this.#binary = binary;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'ringfence-nats-'));
    writeFileSync(join(this.#folder, 'server.conf'), configuration(port, flags));
  }

  get url(): string {
    return `nats://localhost:${this.port}`;
  }

  /** Returns when it is ready. */
  async start(): Promise<void> {
    const child = spawn(this.#binary, ['-c', join(this.#folder, 'server.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stderr?.on('data', (data) => {
        log += String(data);
        if (log.includes('Server is ready')) resolve();
      });
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`nats-server ended: ${log}`)));
    });
  }

  /** Stops it for good. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** Returns when it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

function configuration(port: number, { maxPayload, permit, tls }: ServerFlags): string {
  const lines = [`listen: "localhost:${port}"`];
  if (maxPayload !== undefined) lines.push(`max_payload: ${maxPayload}`);
  if (tls !== undefined) lines.push(`tls { cert_file: "${tls.certificate}", key_file: "${tls.key}" }`);
  if (permit !== undefined) {
    const root = '{ user: root, password: root }';
    const agent = `{ user: agent, password: agent, permissions: { publish: "${permit}" } }`;
    lines.push(`authorization { users: [ ${root}, ${agent} ] }`);
  }
  return `${lines.join('\n')}\n`;
}

/** A certificate for localhost that nobody trusts; undefined when openssl is not there to make it. */
export function selfSignedCertificate(): { folder: string; certificate: string; key: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-tls-'));
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  try {
    const flags = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...flags, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    return { folder, certificate, key };
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

/** Waits for what other processes bring about. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    if (holds()) return;
    await sleep(10);
  }
  throw new Error(`waited in vain: ${what}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, 'localhost', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
