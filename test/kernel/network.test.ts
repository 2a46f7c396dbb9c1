/** Beside others: their programs are found and named, and go on running while ours come and go. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BpfObject, type Link, programInfoById } from '#kernel';
import type { NetworkReport } from '#network';
import {
  type Agent,
  bpftool,
  commandLine,
  foreignObject,
  loadForeign,
  policyText,
  startAgent,
  unpinForeign,
} from './harness/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'network-'));
const secret = join(directory, 'secret');
const pins = '/sys/fs/bpf/ringfence-network';
const run = join(directory, 'run');
const places = ['--state-dir', join(directory, 'state'), '--run-dir', run, '--bpf-dir', pins];
const cilium = '/sys/fs/bpf/cilium';
const others = '/sys/fs/bpf/others';
const cgroup = '/sys/fs/cgroup';
const cniFile = '/etc/cni/net.d/05-cilium.conflist';

/** By name, as the kernel keeps it; what each is found as. */
const expected = {
  cil_sock4: { owner: 'Cilium', kind: 'cgroup_sock_addr', at: [`connect4 of ${cgroup}`] },
  sd_fw_egress: { owner: 'systemd', kind: 'cgroup_skb', at: [`cgroup_egress of ${cgroup}`] },
  look_at_packets: { owner: '', kind: 'xdp', at: ['xdp of lo'] },
  look_at_files: { owner: '', kind: 'lsm', at: ['lsm bpf_lsm_file_open'] },
} as const;

const policy = policyText({
  ...{ name: 'beside', hooks: ['file_open'] },
  rules: [{ paths: [secret], action: { override: 1 } }],
});

function ringfence(...args: readonly string[]): string {
  const env = { ...process.env, RINGFENCE_CONTROL_SOCKET: join(run, 'control.sock') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, ...args], { encoding: 'utf8', env });
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

const doctor = (): NetworkReport => JSON.parse(ringfence('doctor', '--json', '--bpf-dir', pins)).network;
const status = (): NetworkReport => JSON.parse(ringfence('status', '-o', 'json')).agent.network;

function foundIn(report: NetworkReport): Record<string, object> {
  const named = report.programs.filter(({ name }) => name in expected);
  return Object.fromEntries(named.map(({ name, owner, kind, at }) => [name, { owner, kind, at }]));
}

/** A connection over the loopback, and a file that is opened: each of the programs sees something. */
async function doSomething(): Promise<void> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((closed) => connect(port, '127.0.0.1').resume().on('close', closed));
  await new Promise((closed) => server.close(closed));
  readFileSync('/proc/version');
}

/** How often each of the others ran while something was done. */
async function runs(ids: ReadonlyMap<string, number>): Promise<Record<string, boolean>> {
  const counts = () => [...ids].map(([name, id]) => [name, programInfoById(id).runCount] as const);
  const earlier = new Map(counts());
  await doSomething();
  return Object.fromEntries(counts().map(([name, count]) => [name, count > (earlier.get(name) ?? 0n)]));
}

const allRan = Object.fromEntries(Object.keys(expected).map((name) => [name, true]));

describe('beside others', () => {
  let agent: Agent | undefined;
  let object: BpfObject | undefined;
  let link: Link | undefined;
  const ids = new Map<string, number>();
  before(() => {
    writeFileSync(secret, 'secret');
    writeFileSync('/proc/sys/kernel/bpf_stats_enabled', '1');
    mkdirSync('/etc/cni/net.d', { recursive: true });
    writeFileSync(cniFile, JSON.stringify({ name: 'c', plugins: [{ type: 'cilium-cni' }] }));
    loadForeign([{ name: 'cil_sock4', section: 'cgroup/connect4', returns: 1 }], {
      directory: cilium,
      scratch: directory,
    });
    const plain = [
      { name: 'sd_fw_egress', section: 'cgroup_skb/egress', returns: 1 },
      { name: 'look_at_packets', section: 'xdp', returns: 2 },
    ];
    loadForeign(plain, { directory: others, scratch: directory });
    // the bpftool of the older kernel attaches no LSM program
    object = BpfObject.open(foreignObject([{ name: 'look_at_files', section: 'lsm/file_open', returns: 0 }]), {
      name: 'others',
    });
    object.load();
    link = object.program('look_at_files').attach();
    bpftool('cgroup', 'attach', cgroup, 'connect4', 'pinned', `${cilium}/cil_sock4`, 'multi');
    bpftool('cgroup', 'attach', cgroup, 'egress', 'pinned', `${others}/sd_fw_egress`, 'multi');
    bpftool('net', 'attach', 'xdpgeneric', 'pinned', `${others}/look_at_packets`, 'dev', 'lo');
  });
  after(async () => {
    await agent?.stop();
    bpftool('net', 'detach', 'xdpgeneric', 'dev', 'lo');
    bpftool('cgroup', 'detach', cgroup, 'connect4', 'pinned', `${cilium}/cil_sock4`);
    bpftool('cgroup', 'detach', cgroup, 'egress', 'pinned', `${others}/sd_fw_egress`);
    for (const each of [cilium, others]) unpinForeign(each);
    link?.destroy();
    object?.close();
    rmSync(cniFile);
    writeFileSync('/proc/sys/kernel/bpf_stats_enabled', '0');
    rmSync(directory, { recursive: true, force: true });
  });

  test('before there is an agent, doctor names the plugin and each program, where it is and whose', async () => {
    const report = doctor();
    assert.deepEqual(report.cni, { name: 'Cilium', evidence: [cniFile, 'pins cilium'] });
    assert.deepEqual(foundIn(report), expected);
    assert.equal(report.own, 0);
    for (const { name, id } of report.programs) if (name in expected) ids.set(name, id);
    assert.deepEqual(await runs(ids), allRan);
  });

  test('they run on beside the programs of an agent, which says where both are', async () => {
    agent = await startAgent({ policies: [policy], args: places });
    const report = status();
    assert.deepEqual(foundIn(report), expected);
    assert.ok(report.own > 0);
    assert.ok(report.shared.includes('file_open'), report.shared.join());
    assert.ok(report.programs.every(({ name }) => !name.startsWith('rf_')));
    assert.match(
      ringfence('status'),
      /^network plugin +Cilium .*\n.*attached beside each other\nshared hooks +.*file_open/m,
    );
    assert.match(spawnSync('cat', [secret], { encoding: 'utf8' }).stderr, /not permitted/);
    assert.deepEqual(await runs(ids), allRan);
  });

  test('looking is no tampering, and takes nothing of theirs or ours away', () => {
    assert.deepEqual(foundIn(doctor()), expected);
    const tampering = agent?.events.filter(({ ringfence }) => ringfence !== undefined && 'tamper' in ringfence) ?? [];
    assert.deepEqual(tampering, []);
    assert.match(spawnSync('cat', [secret], { encoding: 'utf8' }).stderr, /not permitted/);
  });

  test('they run on when the agent is gone and what it left is taken away', async () => {
    await agent?.kill();
    agent = undefined;
    ringfence('detach', '--all', ...places.slice(2));
    assert.deepEqual(await runs(ids), allRan);
    let report = doctor();
    for (let tries = 0; report.own > 0 && tries < 20; tries += 1) report = doctor(); // programs are freed a while later
    assert.deepEqual(foundIn(report), expected);
    assert.equal(report.own, 0);
    assert.equal(readFileSync(secret, 'utf8'), 'secret');
  });
});
