/** How to get at an API server: its address, who it must be, and who we are. Read anew each time, as files change. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { readKubeconfig } from './kubeconfig.ts';

export type Access = {
  readonly server: URL;
  /** Undefined: those that Node trusts. */
  readonly authority: string | undefined;
  /** The name in the server's certificate, where it is not that of the address. */
  readonly serverName: string | undefined;
  readonly token: string | undefined;
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
};

/** - `pod`: with the service account that the kubelet puts into every pod */
export type AccessPlace =
  | { readonly kind: 'pod'; readonly directory?: string; readonly environment?: NodeJS.ProcessEnv }
  | { readonly kind: 'kubeconfig'; readonly path: string };

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export function readAccess(place: AccessPlace): Access {
  switch (place.kind) {
    case 'kubeconfig':
      return readKubeconfig(place.path);
    case 'pod':
      return readServiceAccount(place.directory ?? SERVICE_ACCOUNT, place.environment ?? process.env);
  }
}

function readServiceAccount(directory: string, environment: NodeJS.ProcessEnv): Access {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (!host) throw new EnvironmentError('RF6001', { directory, reason: 'KUBERNETES_SERVICE_HOST is not set' });
  try {
    return {
      server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
      authority: readFileSync(join(directory, 'ca.crt'), 'utf8'),
      serverName: undefined,
      token: readFileSync(join(directory, 'token'), 'utf8').trim(),
      certificate: undefined,
    };
  } catch (cause) {
    throw new EnvironmentError('RF6001', { directory, reason: (cause as Error).message }, { cause });
  }
}
