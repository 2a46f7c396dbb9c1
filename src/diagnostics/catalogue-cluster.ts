/** RF36xx: what stands between a command and the agents of a cluster. */
import type { Entry } from './catalogue.ts';

export const clusterCatalogue = {
  RF3601: {
    severity: 'error',
    message: 'kubectl cannot be run: {reason}',
    hint: 'install kubectl and put it into the PATH: it knows how to log in to the cluster',
  },
  RF3602: {
    severity: 'error',
    message: 'kubectl {verb} failed: {reason}',
    hint: 'the user of the kubeconfig needs the rights to list pods and to create pods/exec where the agents run',
  },
  RF3603: {
    severity: 'error',
    message: 'no agent runs {where}',
    hint: 'look at `kubectl get pods -A -l app.kubernetes.io/component=agent -o wide`; --agent-namespace and --selector say where agents are looked for',
  },
  RF3604: {
    severity: 'error',
    message: 'events of {count} nodes are more than {limit} connections',
    hint: 'name nodes with --node, or raise --concurrency; events of a whole cluster are what NATS is for',
  },
  RF3605: {
    severity: 'error',
    message: 'the answer of kubectl {verb} is none: {reason}',
    hint: 'use a kubectl of about the version of the cluster',
  },
  RF3611: {
    severity: 'error',
    message: 'the API server does not tell of the DaemonSet {name}: {reason}',
    hint: 'the service account of the Job must be allowed to get it',
  },
  RF3612: {
    severity: 'error',
    message: 'after {seconds} s, {done} of {wanted} nodes are detached',
    hint: 'on the others, policies may still be attached: look at the pods of the DaemonSet {name}, and run `helm uninstall` again',
  },
} as const satisfies Record<string, Entry>;
