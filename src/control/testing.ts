/** Test support: an agent that is nothing but its ports, and a socket in a directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactRenderer, type Event, JsonRenderer, workloadOf } from '#events';
import { PolicyRegistry } from '#sensors';
import { FakeLoaded, FakeStore } from '../sensors/testing.ts';
import { EventBus } from './event-bus.ts';
import type { ControlPorts, EventPort } from './ports.ts';
import type { AgentStatus } from './protocol.ts';
import { ControlServer, type ControlServerOptions } from './server.ts';

export const agentStatus: AgentStatus = {
  ...{ version: '0.1.0', pid: process.pid, nodeName: 'node-1', kernelRelease: '6.12.1', mode: 'enforce' },
  uptimeMs: 93_784_000,
  rings: [{ name: 'verdict', bytes: 1_048_576, waitingBytes: 0 }],
  losses: [
    { stage: 'ring', count: 3 },
    { stage: 'scratch', count: 0 },
  ],
  startGuard: { enforcement: 'enforce', reason: 'the last boot survived' },
  network: {
    cni: { name: 'Cilium', evidence: ['/etc/cni/net.d/05-cilium.conflist'] },
    programs: [
      ...[
        { id: 7, kind: 'sched_cls', name: 'cil_from_netdev', owner: 'Cilium', at: ['tcx_ingress of eth0'], pins: [] },
      ],
      ...[{ id: 9, kind: 'kprobe', name: '', owner: '', at: [], pins: [] }],
    ],
    ...{ unlisted: 0, own: 12, shared: ['file_open'], unseen: [] },
  },
};

export class FakeAgent {
  readonly loaded = new FakeLoaded();
  readonly store = new FakeStore();
  readonly registry = new PolicyRegistry({ loaded: this.loaded, store: this.store, strict: false });
  readonly bus = new EventBus();
  listeners = 0;
  readonly log: string[] = [];
  readonly #json = new JsonRenderer();

  tell(event: Event): void {
    this.bus.publish(event);
  }

  ports(more: Partial<EventPort> = {}): ControlPorts {
    const events: EventPort = {
      subscribe: (listener) => {
        this.listeners += 1;
        const unsubscribe = this.bus.subscribe(listener);
        return () => {
          this.listeners -= 1;
          unsubscribe();
        };
      },
      renderer: (form) => (form.format === 'json' ? (event) => this.#json.render(event) : compactRenderer(form)),
      loss: ({ count, fromNs, toNs }) => ({
        ...{ kind: 'loss', nodeName: 'node-1', stage: 'stdout', hole: undefined },
        ...{ timeNs: toNs, count, fromNs, toNs },
      }),
      workloadOf,
      ...more,
    };
    return {
      registry: this.registry,
      events,
      status: () => agentStatus,
      config: () => ({
        nats: ['nats://user:hunter2@nats.example:4222'],
        'nats-credentials': '/etc/hunter2.creds',
        strict: true,
      }),
      recentLog: () => ['{"level":30,"msg":"connected to nats://user:hunter2@nats.example"}'],
      log: (_level, _fields, message) => this.log.push(message),
    };
  }
}

/** A place for a socket; the directory goes with it. */
export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'ringfence-control-'));
  readonly path = join(this.directory, 'run', 'control.sock');

  async serve(
    agent: FakeAgent,
    options: Partial<Omit<ControlServerOptions, 'ports'>> & { readonly ports?: ControlPorts } = {},
  ) {
    return await ControlServer.listen({ path: this.path, ports: agent.ports(), ...options });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
