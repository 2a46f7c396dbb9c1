/** The table of kernel copies, held against real kernels: each row moves there, and each copy is what the hook passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionOf, type Target } from '#bpf';
import type { Diagnostic } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { SAVED_KERNELS, type SavedKernel, savedTarget } from '../../test/targets/index.ts';
import { type Copy, type KernelCopyRow, kernelCopies } from './kernel-copies.ts';
import { fileRows } from './kernel-copies-files.ts';
import { processRows } from './kernel-copies-processes.ts';
import { socketRows } from './kernel-copies-sockets.ts';
import { resolvePolicy } from './resolve.ts';

const rows: readonly KernelCopyRow[] = [...fileRows, ...socketRows, ...processRows];

/** Calls that came later than the oldest kernel. */
const LATER: Readonly<Partial<Record<SavedKernel, readonly string[]>>> = { '6.1': ['fchmodat2'] };

const FILTERS: Readonly<Record<Copy['type'], string>> = {
  string: 'operator: Equal, values: ["/x"]',
  fd: 'operator: Equal, values: ["/x"]',
  sockaddr: 'operator: SPort, values: ["22"]',
};

/** A policy that kills by every argument of which there is a copy. */
function killing(call: string, copies: readonly (readonly [string, Copy])[]): string {
  const args = copies.map(([index, { type }]) => `{ index: ${index}, type: ${type} }`).join(', ');
  const filters = copies.map(([index, { type }]) => `{ index: ${index}, ${FILTERS[type]} }`).join(', ');
  const match = copies.length === 0 ? '' : `matchArgs: [${filters}], `;
  return [
    'apiVersion: cilium.io/v1alpha1',
    'kind: TracingPolicy',
    'metadata: { name: test }',
    'spec:',
    '  kprobes:',
    `  - call: sys_${call}`,
    ...(copies.length === 0 ? [] : [`    args: [${args}]`]),
    `    selectors: [{ ${match}matchActions: [{ action: Sigkill }] }]`,
    '',
  ].join('\n');
}

function attached(
  text: string,
  target: Target,
): { readonly points: readonly string[]; readonly complaints: readonly string[] } {
  const parsed = parsePolicies(text, 'policy.yaml');
  const diagnostics: Diagnostic[] = [...parsed.diagnostics.filter((each) => each.severity === 'error')];
  const [policy] = parsed.policies;
  const parts = policy === undefined ? [] : resolvePolicy(policy, 0, target, diagnostics).resolved.parts;
  return {
    points: parts.map(({ point }) => sectionOf(point)),
    complaints: diagnostics.map((each) => `${each.code} ${each.message}`),
  };
}

for (const kernel of SAVED_KERNELS) {
  test(`each row moves on kernel ${kernel}`, () => {
    const target = savedTarget(kernel);
    for (const { calls, places, take } of rows) {
      for (const call of calls) {
        const place = known(
          places.find(({ hook }) => target.btf.findFunction(`bpf_lsm_${hook}`) !== undefined),
          `hook for ${call}`,
        );
        const { points, complaints } = attached(killing(call, Object.entries(place.copies)), target);
        if (LATER[kernel]?.includes(call) === true) {
          assert.match(complaints.join(), /^RF2015/, call);
          continue;
        }
        assert.deepEqual(complaints, [], call);
        const hooks = take === 'each' ? places.map(({ hook }) => hook) : [place.hook];
        assert.deepEqual(
          points,
          hooks.map((hook) => `lsm/${hook}`),
          call,
        );
      }
    }
  });
}

test('no call is in two rows', () => {
  const calls = rows.flatMap((row) => row.calls);
  assert.equal(new Set(calls).size, calls.length);
  for (const call of calls) assert.ok(kernelCopies(call)?.calls.includes(call));
});

/** Calls that can have an effect without passing the hook that comes to mind; see the reasons. */
const absent = [
  ['ptrace', 'requests to a process that is attached already ask nothing'],
  ['rt_sigqueueinfo', 'a signal to oneself that pretends to come from the kernel is not asked about'],
  ['kexec_file_load', 'taking the image away again asks nothing'],
  ['setfsuid', 'it returns the old id, whatever it was denied'],
  ['setxattr', 'access control lists have hooks of their own on newer kernels'],
  ['delete_module', 'no hook is asked'],
  ['lseek', 'no hook is asked'],
] as const;

for (const [call, why] of absent) {
  test(`${call} is not moved: ${why}`, () => assert.equal(kernelCopies(call), undefined));
}
