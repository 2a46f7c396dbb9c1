/** What the API server was asked: its audit log, one JSON object a line. */
import { existsSync, readFileSync } from 'node:fs';

export type AuditEntry = {
  readonly verb: string;
  readonly user: string;
  /** `pods`, `policystatuses/status`; empty for what is no resource. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly uri: string;
  readonly userAgent: string;
  readonly status: number;
};

/** One line each, written when the request is answered; a watch, when it ends or when it starts. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [{ level: 'Metadata' }],
};

type Line = {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username?: string };
  readonly objectRef?: Readonly<Record<'resource' | 'subresource' | 'namespace' | 'name', string | undefined>>;
  readonly responseStatus?: { readonly code?: number };
};

/** Those of which an answer has begun: a watch that goes on is among them. */
export function readAuditLog(path: string): readonly AuditEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as Line)
    .filter(({ verb, stage }) => stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete'))
    .map(entryOf);
}

function entryOf({ verb, requestURI, userAgent = '', user, objectRef, responseStatus }: Line): AuditEntry {
  const { resource = '', subresource, namespace, name } = objectRef ?? {};
  return {
    verb,
    user: user.username ?? '',
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    uri: requestURI,
    userAgent,
    status: responseStatus?.code ?? 0,
  };
}

/** How many for each `verb resource`. */
export function countRequests(entries: readonly AuditEntry[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(entries, ({ verb, resource, uri }) => `${verb} ${resource || uri}`);
  return Object.fromEntries(Array.from(groups, ([what, each]) => [what, each.length]));
}
