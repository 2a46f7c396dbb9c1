/** RF6xxx: what stands between the agent and the API server of its cluster. */
import type { Entry } from './catalogue.ts';

export const kubernetesCatalogue = {
  RF6001: {
    severity: 'error',
    message: 'there is no service account in {directory}: {reason}',
    hint: 'outside of a pod, name a kubeconfig; in a pod, leave automountServiceAccountToken on',
  },
  RF6002: {
    severity: 'error',
    message: 'the kubeconfig {path} cannot be used: {reason}',
    hint: 'it needs a current context with a server, an authority, and a token, a token file or a client certificate',
  },
  RF6003: {
    severity: 'error',
    message: 'the API server at {server} cannot be reached: {reason}',
    hint: 'what is loaded goes on; it is tried again',
  },
  RF6004: {
    severity: 'error',
    message: 'the API server does not accept who the agent says it is: {reason}',
    hint: 'the token or the certificate has expired or is of another cluster; files are read again for each try',
  },
  RF6005: {
    severity: 'error',
    message: 'the agent may not {verb} {resource}: {reason}',
    hint: 'the ClusterRole of the chart has what the agent needs: install it, or bind it to the user that the agent is',
  },
  RF6006: {
    severity: 'error',
    message: 'the API server knows no {resource}',
    hint: 'the custom resource definition is not installed; it is waited for',
  },
  RF6007: {
    severity: 'error',
    message: 'the API server answers {status} to {verb} {resource}: {reason}',
    hint: 'what is loaded goes on; it is tried again',
  },
  RF6008: {
    severity: 'error',
    message: 'an answer of the API server is larger than {limit} bytes',
    hint: 'there are more objects than an agent holds; what is loaded goes on',
  },
} as const satisfies Record<string, Entry>;
