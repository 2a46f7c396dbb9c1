/** RF362x: the containers of the node. */
import type { Entry } from './catalogue.ts';

export const containersCatalogue = {
  RF3621: {
    severity: 'error',
    message: 'containers cannot be told apart: {path} names no cgroup hierarchy',
    hint: 'mount the cgroup file system of the node at /sys/fs/cgroup, as systemd and Kubernetes need it too',
  },
  RF3622: {
    severity: 'error',
    message: 'the socket for container runtimes, {path}, can not be made: {reason}',
    hint: 'its directory must belong to the user who runs the agent, and nobody else may write there',
  },
  RF3623: {
    severity: 'error',
    message: '{path} is not ours, and stays as it is',
    hint: 'name another directory for the description of the hook with --hooks-dir',
  },
  RF3624: {
    severity: 'error',
    message: 'the hook cannot be installed or removed: {path}: {reason}',
    hint: 'this needs root on the node; in a container, name where the file system of the node is with --node-root',
  },
  RF3625: {
    severity: 'warning',
    message: 'which namespaces fail closed cannot be remembered in {path}: {reason}',
    hint: 'make room there: until it has heard from the API server, the next agent does not know of their annotations',
  },
} as const satisfies Record<string, Entry>;
