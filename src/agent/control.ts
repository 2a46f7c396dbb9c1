/** What the control socket shows of the agent, and lets others do with it. */
import { release } from 'node:os';
import type { AgentStatus, ControlPorts, EventBus } from '#control';
import { diagnostic } from '#diagnostics';
import { workloadOf } from '#events';
import type { BaseSensor, PolicyRegistry } from '#sensors';
import type { StartGuard } from '#start-guard';
import { assertNever } from '#std';
import type { Cluster } from './cluster.ts';
import type { Containers } from './containers.ts';
import { type Enforcement, guardStatus } from './enforcement.ts';
import { type LossCounts, lossEvent } from './losses.ts';
import { NetworkWatch } from './network.ts';
import type { Older } from './older.ts';
import type { AgentOptions } from './options.ts';
import type { Renderers } from './publishers.ts';
import { ringsOf } from './rings.ts';

export type ControlParts = {
  readonly options: AgentOptions;
  readonly base: BaseSensor;
  readonly registry: PolicyRegistry;
  readonly enforcement: Enforcement;
  readonly renderers: Renderers;
  readonly bus: EventBus;
  readonly losses: LossCounts;
  readonly containers: Containers | undefined;
  readonly cluster: Cluster | undefined;
  readonly older: Older;
};

export function controlPorts(parts: ControlParts): ControlPorts {
  const { options, renderers, bus } = parts;
  const network = new NetworkWatch({ pins: options.pins });
  return {
    ...commonPorts({ options, renderers, subscribe: (listener) => bus.subscribe(listener) }),
    registry: byHand(parts),
    status: () => ({ ...statusOf(parts), network: network.report }),
  };
}

/** While everything is switched off there are no policies and no events, and nothing can be changed. */
export function switchedOffPorts({ options, guard, renderers }: SwitchedOffParts): ControlPorts {
  const refuse = async () => {
    const refusal = diagnostic('RF3509', undefined, { reason: guard.decision.reason });
    return { kind: 'refused', policies: [], diagnostics: [refusal] } as const;
  };
  const network = new NetworkWatch({ pins: options.pins });
  const changes = { add: refuse, remove: refuse, enable: refuse, disable: refuse, setMode: refuse };
  return {
    ...commonPorts({ options, renderers, subscribe: () => () => undefined }),
    registry: { ...changes, list: () => [], texts: () => [] },
    status: () => ({
      ...{ ...agentStatus(options), rings: [], losses: [], startGuard: guardStatus(guard.decision) },
      network: network.report,
    }),
  };
}

export type SwitchedOffParts = Pick<ControlParts, 'options' | 'renderers'> & { readonly guard: StartGuard };

type CommonParts = Pick<ControlParts, 'options' | 'renderers'> & Pick<ControlPorts['events'], 'subscribe'>;

function commonPorts({ options, renderers, subscribe }: CommonParts): Omit<ControlPorts, 'registry' | 'status'> {
  return {
    events: {
      subscribe,
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
      workloadOf,
    },
    config: () => options.settings,
    recentLog: options.recentLog,
    log: options.log,
  };
}

/** What comes over the socket was done by somebody who is there. */
function byHand({ registry, enforcement, older }: ControlParts): ControlPorts['registry'] {
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
    list: () => older.marked(registry.list()),
    texts: () => registry.texts(),
  };
}

function statusOf(parts: ControlParts): Omit<AgentStatus, 'network'> {
  const { options, base, enforcement, losses, containers, cluster, older } = parts;
  return {
    ...agentStatus(options),
    rings: ringsOf(base),
    losses: losses.list,
    startGuard: enforcement.status,
    ...(containers === undefined ? {} : { containers: containers.status }),
    ...(cluster === undefined ? {} : { cluster: cluster.status }),
    ...(older.status.length === 0 ? {} : { older: older.status }),
  };
}

function agentStatus({ version, nodeName, detect }: AgentOptions) {
  return {
    ...{ version, nodeName, pid: process.pid, kernelRelease: release() },
    mode: detect ? 'detect' : 'enforce',
    uptimeMs: Math.round(process.uptime() * 1000),
  } as const;
}
