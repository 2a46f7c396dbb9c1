/** Which request means what. A path is /v1/ and a resource; what is not here is refused. */
import type { IncomingMessage } from 'node:http';
import type { PolicyName } from '#sensors';
import { RequestRefused } from './request-refused.ts';

export type Route =
  | { readonly kind: 'policies' | 'status' | 'sysdump' | 'add' }
  | { readonly kind: 'events'; readonly query: URLSearchParams }
  | { readonly kind: 'remove' | 'enable' | 'disable' | 'mode'; readonly policy: PolicyName };

const PLAIN: Readonly<Record<string, Readonly<Record<string, 'policies' | 'status' | 'sysdump' | 'add'>>>> = {
  '/v1/policies': { GET: 'policies', POST: 'add' },
  '/v1/status': { GET: 'status' },
  '/v1/sysdump': { GET: 'sysdump' },
};

const POLICY = /^\/v1\/policies\/([^/]+)(?:\/(enable|disable|mode))?$/;

export function routeOf({ method = '', url = '' }: IncomingMessage): Route {
  const { pathname, searchParams } = parse(url);
  const plain = PLAIN[pathname];
  if (plain !== undefined) {
    const kind = plain[method];
    if (kind !== undefined) return { kind };
    throw wrongMethod(method, pathname);
  }
  if (pathname === '/v1/events') {
    if (method === 'GET') return { kind: 'events', query: searchParams };
    throw wrongMethod(method, pathname);
  }
  const [, name, action] = POLICY.exec(pathname) ?? [];
  if (name === undefined)
    throw new RequestRefused(404, `there is nothing at ${JSON.stringify(pathname.slice(0, 200))}`);
  if (method !== (action === undefined ? 'DELETE' : 'POST')) throw wrongMethod(method, pathname);
  const policy = { name: decode(name), namespace: searchParams.get('namespace') ?? undefined };
  return { kind: action === undefined ? 'remove' : (action as 'enable' | 'disable' | 'mode'), policy };
}

function parse(url: string): URL {
  try {
    return new URL(url, 'http://ringfence');
  } catch {
    throw new RequestRefused(400, 'its path is none');
  }
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new RequestRefused(400, 'the name of the policy is not encoded as in a URL');
  }
}

function wrongMethod(method: string, pathname: string): RequestRefused {
  return new RequestRefused(405, `${method.slice(0, 20)} is not done at ${pathname.slice(0, 200)}`);
}
