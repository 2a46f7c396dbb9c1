/** What the control socket shows of the agent, and lets others do with it. */
import { release } from 'node:os';
import type { AgentStatus, ControlPorts, EventBus } from '#control';
import { workloadOf } from '#events';
import type { BaseSensor, PolicyRegistry } from '#sensors';
import { assertNever } from '#std';
import type { Enforcement } from './enforcement.ts';
import { type LossCounts, lossEvent } from './losses.ts';
import { NetworkWatch } from './network.ts';
import type { AgentOptions } from './options.ts';
import type { Renderers } from './publishers.ts';

export type ControlParts = {
  readonly options: AgentOptions;
  readonly base: BaseSensor;
  readonly registry: PolicyRegistry;
  readonly enforcement: Enforcement;
  readonly renderers: Renderers;
  readonly bus: EventBus;
  readonly losses: LossCounts;
};

export function controlPorts(parts: ControlParts): ControlPorts {
  const { options, renderers, bus } = parts;
  const network = new NetworkWatch({ pins: options.pins });
  return {
    registry: byHand(parts),
    events: {
      subscribe: (listener) => bus.subscribe(listener),
      renderer: (form) => {
        switch (form.format) {
          case 'json':
            return renderers.json;
          case 'compact':
            return renderers.compact(form);
          default:
            return assertNever(form);
        }
      },
      loss: (lost) => lossEvent(options.nodeName, { stage: 'control', ...lost }),
      workloadOf: options.workloads === undefined ? undefined : workloadOf,
    },
    status: () => ({ ...statusOf(parts), network: network.report }),
    config: () => options.settings,
    recentLog: options.recentLog,
    log: options.log,
  };
}

/** What comes over the socket was done by somebody who is there. */
function byHand({ registry, enforcement }: ControlParts): ControlPorts['registry'] {
  const noting = async <Result extends { readonly kind: string }>(change: Promise<Result>): Promise<Result> => {
    const result = await change;
    if (result.kind === 'done') enforcement.changedByHuman();
    return result;
  };
  return {
    add: (text) => noting(registry.add(text)),
    remove: (policy) => noting(registry.remove(policy)),
    enable: (policy) => noting(registry.enable(policy)),
    disable: (policy) => noting(registry.disable(policy)),
    setMode: (policy, mode) => noting(registry.setMode(policy, mode)),
    list: () => registry.list(),
    texts: () => registry.texts(),
  };
}

function statusOf({ options, base, enforcement, losses }: ControlParts): Omit<AgentStatus, 'network'> {
  return {
    version: options.version,
    pid: process.pid,
    nodeName: options.nodeName,
    kernelRelease: release(),
    mode: options.detect ? 'detect' : 'enforce',
    uptimeMs: Math.round(process.uptime() * 1000),
    rings: base.rings.map((ring) => ({ name: ring.name, bytes: ring.dataBytes, waitingBytes: ring.fill() })),
    losses: losses.list,
    startGuard: enforcement.status,
  };
}
