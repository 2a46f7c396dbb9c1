/** The policies that the rows are measured with. Nothing that the workload does matches, unless a row says so. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WATCHED } from './works.ts';

/** What the peer's users start with; a policy of others, which need not be there. */
const QUICKSTART = join(import.meta.dirname, '../../corpus/policies/quickstart/file_monitoring.yaml');

/** Texts of policies; undefined where this machine does not have them. */
type Texts = readonly string[] | undefined;

const OTHER_BINARY = '/usr/local/bin/backup';

const FILE = { index: 0, type: 'file' } as const;

const sets = {
  none: () => [],
  'read-other': () => [readPolicy(0, { matchBinaries: [{ operator: 'In', values: [OTHER_BINARY] }] })],
  quickstart,
  everything: () => together([openPolicies(1), quickstart(), readPolicies(5), connectPolicies(1)]),
} as const satisfies Readonly<Record<string, () => Texts>>;

const crowds = { open: openPolicies, read: readPolicies, connect: connectPolicies } as const;

export type CrowdName = keyof typeof crowds;
/** A crowd has any number of policies, which differ in their values. */
export type SetName = keyof typeof sets | `${CrowdName} x ${number}`;

export function textsOf(name: SetName): Texts {
  const [crowd = '', count] = name.split(' x ');
  if (isCrowd(crowd) && count !== undefined) return crowds[crowd](Number(count));
  return isFixed(name) ? sets[name]() : undefined;
}

function isCrowd(name: string): name is CrowdName {
  return Object.hasOwn(crowds, name);
}

function isFixed(name: string): name is keyof typeof sets {
  return Object.hasOwn(sets, name);
}

function quickstart(): Texts {
  return existsSync(QUICKSTART) ? [readFileSync(QUICKSTART, 'utf8')] : undefined;
}

function together(all: readonly Texts[]): Texts {
  return all.every((each) => each !== undefined) ? all.flat() : undefined;
}

/** JSON is YAML. */
function policyText(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name }, spec }, null, 2);
}

/** Five prefixes; the first policy has the file that rows with a match open. */
function prefixes(index: number): readonly string[] {
  const own = ['data', 'keys', 'logs', 'backup'].map((name) => `/srv/tenant-${index}/${name}/`);
  return [index === 0 ? WATCHED : `/srv/tenant-${index}/secret/`, ...own];
}

/** They tell of what they match, and let it happen. */
export function openPolicies(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const selectors = [{ matchArgs: [{ index: 0, operator: 'Prefix', values: prefixes(index) }] }];
    return policyText(`open-${index}`, { lsmhooks: [{ hook: 'file_open', args: [FILE], selectors }] });
  });
}

function readPolicies(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => readPolicy(index));
}

function readPolicy(index: number, more: object = {}): string {
  const selectors = [{ matchArgs: [{ index: 0, operator: 'Prefix', values: prefixes(index) }], ...more }];
  const hook = {
    ...{ call: 'security_file_permission', syscall: false, return: true, args: [FILE] },
    ...{ returnArg: { index: 0, type: 'int' }, selectors },
  };
  return policyText(`read-${index}`, { kprobes: [hook] });
}

/** The work connects to the loopback, which none of them is about. */
function connectPolicies(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const values = ['127.0.0.0/8', `10.${index}.0.0/16`, `192.168.${index}.0/24`];
    const selectors = [{ matchArgs: [{ index: 0, operator: 'NotDAddr', values }] }];
    const hook = { call: 'tcp_connect', syscall: false, args: [{ index: 0, type: 'sock' }], selectors };
    return policyText(`connect-${index}`, { kprobes: [hook] });
  });
}
