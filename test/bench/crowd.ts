/** The policies that are measured: alike but for their values, so that only their number differs. */

export const CROWDS = [1, 5, 20, 100] as const;
export const LIST_VALUES = 10_000;

export function named(count: number): string {
  return count === 1 ? '1 policy' : `${count} policies`;
}

/** Of each policy a path of its own: `/srv/tenant-7/`. */
export function directoryOf(index: number): string {
  return `/srv/tenant-${index}/`;
}

type Filter = { readonly index: number; readonly operator: string; readonly values: readonly string[] };

/** JSON is YAML. */
function policyText(name: string, spec: object): string {
  const policy = { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name }, spec };
  return JSON.stringify(policy, undefined, 2);
}

export function fileOpenPolicy(name: string, filters: readonly Omit<Filter, 'index'>[]): string {
  const matchArgs = filters.map((filter) => ({ index: 0, ...filter }));
  const selectors = [{ matchArgs, matchActions: [{ action: 'Override', argError: -13 }] }];
  return policyText(name, { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }] });
}

export function openCrowd(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    fileOpenPolicy(`open-${index}`, [{ operator: 'Prefix', values: [directoryOf(index)] }]),
  );
}

export function openList(count: number): string {
  const values = Array.from({ length: count }, (_, index) => `${directoryOf(index)}secret`);
  return fileOpenPolicy('list', [{ operator: 'Equal', values }]);
}

export function connectCrowd(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const matchArgs: Filter[] = [{ index: 0, operator: 'DPort', values: [`${20_000 + index}`] }];
    const hook = { call: 'tcp_connect', syscall: false, args: [{ index: 0, type: 'sock' }] };
    return policyText(`connect-${index}`, { kprobes: [{ ...hook, selectors: [{ matchArgs }] }] });
  });
}

const MAY_WRITE = '2';

/** Each asks for writes only, which the gate of the program sees from the number alone. */
export function writeCrowd(count: number): readonly string[] {
  const args = [
    { index: 0, type: 'file' },
    { index: 1, type: 'int' },
  ];
  return Array.from({ length: count }, (_, index) => {
    const matchArgs: Filter[] = [
      { index: 0, operator: 'Prefix', values: [directoryOf(index)] },
      { index: 1, operator: 'Equal', values: [MAY_WRITE] },
    ];
    const selectors = [{ matchArgs, matchActions: [{ action: 'Override', argError: -13 }] }];
    return policyText(`write-${index}`, { lsmhooks: [{ hook: 'file_permission', args, selectors }] });
  });
}
