import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkInfo, LinkTarget, ProgramInfo } from '#kernel';
import { beside, type Found } from './beside.ts';
import { attachTypeName, attachTypeOf, programTypeName } from './names.ts';
import { ownerOf } from './owner.ts';

const LSM = 29;

function program(id: number, name: string, type = LSM): ProgramInfo {
  const never = { runTimeNs: 0n, runCount: 0n, recursionMisses: undefined, verifiedInstructions: undefined };
  return { id, name, type, tag: '', jitedBytes: 0, ...never };
}

const link = (programId: number, target: LinkTarget | undefined): LinkInfo => ({
  ...{ type: 2, id: programId + 1000, programId, missed: undefined, target },
});
const onFunction = (attach: string, btfType: number): LinkTarget => ({
  ...{ kind: 'function', attach: attachTypeOf(attach), btfObject: 1, btfType },
});

function found(programs: readonly ProgramInfo[], links: readonly LinkInfo[], more: Partial<Found> = {}): Found {
  return {
    inventory: { programs, links, more: false },
    pins: new Map(),
    attached: [],
    interfaces: new Map([[2, 'eth0']]),
    cgroups: new Map([[99n, '/sys/fs/cgroup/pod']]),
    functionName: (object, type) => (object === 1 ? ['', 'bpf_lsm_file_open', 'security_file_open'][type] : undefined),
    ...more,
  };
}

test('the numbers of the kernel have their names', () => {
  const types = [0, 3, 6, 8, 18, 26, 29, 31, 32].map(programTypeName);
  const named = [
    'unspec',
    'sched_cls',
    'xdp',
    'cgroup_skb',
    'cgroup_sock_addr',
    'tracing',
    'lsm',
    'syscall',
    'netfilter',
  ];
  assert.deepEqual(types, named);
  assert.equal(programTypeName(77), 'type 77');
  const attach = [0, 10, 15, 24, 27, 37, 43, 46, 47, 54, 55].map(attachTypeName);
  const places = ['cgroup_ingress', 'connect4', 'sendmsg6', 'fentry', 'lsm', 'xdp', 'lsm_cgroup', 'tcx_ingress'];
  assert.deepEqual(attach, [...places, 'tcx_egress', 'netkit_primary', 'netkit_peer']);
  assert.equal(attachTypeName(200), 'attach type 200');
});

test('each program of others, with all its places; ours are counted', () => {
  const report = beside(
    found(
      [program(1, 'rf_0_file_open'), program(2, 'from_netdev', 3), program(3, 'sd_devices', 15), program(4, 'idle', 2)],
      [
        link(1, onFunction('lsm', 1)),
        link(2, { kind: 'interface', attach: attachTypeOf('tcx_ingress'), index: 2 }),
        link(2, { kind: 'interface', attach: attachTypeOf('tcx_egress'), index: 7 }),
        link(3, { kind: 'cgroup', attach: attachTypeOf('cgroup_device'), cgroupId: 99n }),
        link(4, undefined),
      ],
      {
        pins: new Map([[2, ['/sys/fs/bpf/cilium/from_netdev']]]),
        attached: [{ programId: 3, at: 'cgroup_device of /sys/fs/cgroup/other' }],
      },
    ),
  );
  assert.deepEqual(
    report.programs.map(({ id, kind, owner, at }) => [id, kind, owner, at.join(', ')]),
    [
      [2, 'sched_cls', 'Cilium', 'tcx_ingress of eth0, tcx_egress of 7'],
      [3, 'cgroup_device', 'systemd', 'cgroup_device of /sys/fs/cgroup/pod, cgroup_device of /sys/fs/cgroup/other'],
      [4, 'kprobe', '', ''],
    ],
  );
  assert.deepEqual([report.own, report.unlisted, report.shared], [1, 0, []]);
});

test('a hook that both are on is told, also when one stands on the function around it', () => {
  const ours = link(1, onFunction('lsm', 1));
  for (const theirs of [link(2, onFunction('lsm', 1)), link(2, onFunction('fentry', 2))]) {
    const report = beside(found([program(1, 'rf_0_file_open'), program(2, 'other')], [ours, theirs]));
    assert.deepEqual(report.shared, ['file_open']);
  }
  const elsewhere = link(2, { kind: 'function', attach: attachTypeOf('fentry'), btfObject: 5, btfType: 2 });
  const report = beside(found([program(1, 'rf_0_file_open'), program(2, 'other')], [ours, elsewhere]));
  assert.deepEqual([report.shared, report.programs[0]?.at], [[], ['fentry of a module or a program']]);
});

test('what stands where ours can be comes first, and a bound on the list is told', () => {
  const programs = Array.from({ length: 260 }, (_, index) => program(index + 1, 'p'));
  const report = beside(found(programs, [link(250, onFunction('lsm', 1)), link(240, { ...cgroupTarget })]));
  assert.deepEqual(
    report.programs.slice(0, 3).map(({ id }) => id),
    [250, 240, 1],
  );
  assert.deepEqual([report.programs.length, report.unlisted], [200, 60]);
});

const cgroupTarget: LinkTarget = { kind: 'cgroup', attach: attachTypeOf('connect4'), cgroupId: 99n };

const owners = [
  ['cil_from_contain', [], 'Cilium'],
  ['anything', ['/sys/fs/bpf/tc/globals/cilium_x'], 'Cilium'],
  ['cali_main', [], 'Calico'],
  ['sd_fw_ingress', [], 'systemd'],
  ['rf_12_path_unli', [], 'Ringfence'],
  ['sd_devices', ['/sys/fs/bpf/tetragon/x'], 'Tetragon'],
  ['main', ['/sys/fs/bpf/mine'], ''],
  ['', [], ''],
] as const;
for (const [name, pins, expected] of owners) {
  test(`owner of "${name}" ${pins.join()}: ${expected || 'nobody known'}`, () => {
    assert.equal(ownerOf({ name, pins }), expected);
  });
}
