/** A kubeconfig: the current context, with credentials that a service can have: a token, its file, a certificate. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { EnvironmentError } from '#diagnostics';
import type { Access } from './access.ts';
import { type JsonObject, listOf, objectOf, textOf } from './json.ts';

/** What asks a program, a browser or nobody: of no use to an agent, or not safe for one. */
const REFUSED: Readonly<Record<string, string>> = {
  exec: 'a credentials plugin: an agent runs no programs as root; use a token file',
  'auth-provider': 'an auth-provider, which Kubernetes has given up; use a token file',
  username: 'a user name with a password, which API servers have not taken since 1.19',
  'insecure-skip-tls-verify': 'insecure-skip-tls-verify: whoever is in between could replace policies',
  'proxy-url': 'a proxy-url; set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 instead',
};

export function readKubeconfig(path: string): Access {
  const refuse = (reason: string, cause?: unknown) => new EnvironmentError('RF6002', { path, reason }, { cause });
  let config: JsonObject;
  try {
    config = objectOf(parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 }));
  } catch (cause) {
    throw refuse((cause as Error).message.split('\n')[0] ?? '', cause);
  }
  const context = find(config.contexts, textOf(config['current-context']), 'context');
  const cluster = find(config.clusters, textOf(context?.cluster), 'cluster');
  const user = find(config.users, textOf(context?.user), 'user');
  if (cluster === undefined || user === undefined) throw refuse('its current context names no cluster and user');
  for (const [key, what] of Object.entries(REFUSED)) {
    const value = cluster[key] ?? user[key];
    if (value !== undefined && value !== false) throw refuse(`it has ${what}`);
  }
  const server = textOf(cluster.server);
  if (!URL.canParse(server) || !server.startsWith('https://')) throw refuse(`its server is not an https:// address`);

  /** `key` holds a path, seen from the kubeconfig; `key`-data the content itself. */
  const content = (from: JsonObject, key: string): string | undefined => {
    const data = textOf(from[`${key}-data`]);
    if (data !== '') return Buffer.from(data, 'base64').toString();
    const file = textOf(from[key]);
    return file === '' ? undefined : read(file);
  };
  const read = (file: string): string => {
    try {
      return readFileSync(resolve(dirname(path), file), 'utf8');
    } catch (cause) {
      throw refuse((cause as Error).message, cause);
    }
  };
  const certificate = content(user, 'client-certificate');
  const key = content(user, 'client-key');
  const tokenFile = textOf(user.tokenFile);
  return {
    server: new URL(server),
    authority: content(cluster, 'certificate-authority'),
    serverName: textOf(cluster['tls-server-name']) || undefined,
    token: (tokenFile === '' ? textOf(user.token) : read(tokenFile).trim()) || undefined,
    certificate: certificate === undefined || key === undefined ? undefined : { certificate, key },
  };
}

function find(list: unknown, name: string, kind: string): JsonObject | undefined {
  const entry = listOf(list).find((each) => textOf(objectOf(each).name) === name);
  return entry === undefined ? undefined : objectOf(objectOf(entry)[kind]);
}
