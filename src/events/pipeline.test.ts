import assert from 'node:assert/strict';
import { test } from 'node:test';
import { action, execFlag, policyFlag, ring } from '#abi';
import { bootClock, ProcessTable } from '#process';
import type { Event } from './event.ts';
import { type JsonOptions, JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import type { HookDescription } from './policy-directory.ts';
import { SequenceTracker } from './sequence.ts';
import { execRecord, exitRecord, forkRecord, hookDescription, policyRecord } from './testing.ts';

const EPOCH_NS = BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)) * 1_000_000n;
const bash = { pid: 100, startNs: 1_234n };
const child = { pid: 200, startNs: 2_000_000n };
const cat = { pid: 200, startNs: 3_000_000n };
const init = { pid: 1, startNs: 5n };
const root = { auid: 4_294_967_295 };

const fileOpen = hookDescription({
  policyName: 'guard-secrets',
  message: 'a secret was opened',
  tags: ['secret'],
  arguments: [
    { type: 'file', label: undefined },
    { type: 'int', label: 'flags' },
  ],
});

function harness(options: JsonOptions = {}, hook: HookDescription | undefined = fileOpen, takenOverNs = 0n) {
  const clock = bootClock(EPOCH_NS);
  const processes = new ProcessTable({ nodeName: 'node', clock });
  const events: Event[] = [];
  const sequences = new SequenceTracker({ begin: 'first' });
  const pipeline = new EventPipeline({
    nodeName: 'node',
    source: { bootId: 'b00710', ringIncarnations: ['aa11', 'bb22'], takenOverNs },
    clock,
    processes,
    policies: (slot, incarnation, entry) => (slot === 7 && incarnation === 3 && entry === 1 ? hook : undefined),
    sequences,
    sink: (event) => events.push(event),
  });
  const renderer = new JsonRenderer(options);
  const accept = (bytes: Uint8Array) => pipeline.accept(bytes, 0, bytes.length);
  return { accept, events, pipeline, processes, json: () => events.map((each) => JSON.parse(renderer.render(each))) };
}

function story(): Uint8Array[] {
  return [
    execRecord({
      process: bash,
      parent: init,
      binary: '/bin/bash',
      argv: ['bash', '-c', 'a b', ''],
      credentials: root,
      flags: execFlag.clone | execFlag.cwdRoot,
      tid: 100,
      sequence: 1,
    }),
    forkRecord({ process: child, parent: bash, sequence: 1, tid: 100, cgroupId: 99n }),
    execRecord({
      process: cat,
      parent: bash,
      argv: ['cat', '/etc/shadow'],
      cwd: '/root',
      credentials: { ...root, euid: 7 },
      flags: execFlag.clone,
      tid: 200,
      sequence: 2,
      timeNs: 3_000_000n,
      cgroupId: 99n,
    }),
    policyRecord({
      process: cat,
      policy: 7,
      incarnation: 3,
      entry: 1,
      selector: 2,
      sequence: 3,
      tid: 201,
      cpu: 0,
      cgroupId: 99n,
      timeNs: 1_000_000_001n,
      actions: action.sigkill | action.post,
      verdict: -1,
      arguments: [
        { kind: 'path', path: '/etc/shadow', mode: 0o100640, inode: 4_242n, device: (254 << 20) | 3 },
        { kind: 'integer', value: 0n },
      ],
    }),
    exitRecord({ process: cat, status: 9, sequence: 4, tid: 200, timeNs: 1_500_000n }),
  ];
}

test('a process is executed, opens a secret, is killed: the events', () => {
  const { accept, json } = harness();
  for (const record of story()) accept(record);
  const bashJson = {
    exec_id: 'bm9kZToxMjM0OjEwMA==',
    pid: 100,
    uid: 0,
    cwd: '/',
    binary: '/bin/bash',
    arguments: '-c "a b" ""',
    flags: 'execve rootcwd clone',
    start_time: '2026-01-02T03:04:05.000001234Z',
    auid: 4_294_967_295,
    parent_exec_id: btoa('node:5:1'),
    tid: 100,
  };
  const initJson = {
    exec_id: btoa('node:5:1'),
    pid: 1,
    flags: 'unknown',
    start_time: '2026-01-02T03:04:05.000000005Z',
    tid: 1,
  };
  const catJson = {
    exec_id: btoa('node:3000000:200'),
    pid: 200,
    uid: 7,
    cwd: '/root',
    binary: '/usr/bin/cat',
    arguments: '/etc/shadow',
    flags: 'execve clone',
    start_time: '2026-01-02T03:04:05.003Z',
    auid: 4_294_967_295,
    parent_exec_id: bashJson.exec_id,
    tid: 200,
  };
  const identity = { boot: 'b00710', ring: 'verdict', incarnation: 'aa11', cpu: 0 };
  const binary = { inode: '77', device: '8:1', links: 1 };
  assert.deepEqual(json(), [
    {
      process_exec: { process: bashJson, parent: initJson },
      node_name: 'node',
      time: '2026-01-02T03:04:06Z',
      ringfence: { identity: { ...identity, sequence: '1' }, namespace_pid: 100, binary },
    },
    {
      process_exec: { process: catJson, parent: bashJson },
      node_name: 'node',
      time: '2026-01-02T03:04:05.003Z',
      ringfence: { identity: { ...identity, sequence: '2' }, cgroup_id: '99', namespace_pid: 200, binary },
    },
    {
      process_lsm: {
        process: { ...catJson, tid: 201 },
        parent: bashJson,
        function_name: 'file_open',
        policy_name: 'guard-secrets',
        message: 'a secret was opened',
        args: [{ file_arg: { path: '/etc/shadow', permission: '-rw-r-----' } }, { int_arg: 0, label: 'flags' }],
        action: 'KPROBE_ACTION_SIGKILL',
        tags: ['secret'],
      },
      node_name: 'node',
      time: '2026-01-02T03:04:06.000000001Z',
      ringfence: {
        verdict: 'killed',
        errno: 1,
        error: 'EPERM',
        mode: 'enforce',
        selector: 2,
        comm: 'cat',
        identity: { ...identity, sequence: '3' },
        cgroup_id: '99',
        files: { 0: { inode: '4242', device: '254:3' } },
      },
    },
    {
      process_exit: { process: catJson, parent: bashJson, signal: 'SIGKILL', time: '2026-01-02T03:04:05.001500Z' },
      node_name: 'node',
      time: '2026-01-02T03:04:05.001500Z',
      ringfence: { identity: { ...identity, sequence: '4' }, cgroup_id: '99' },
    },
  ]);
});

test('the text keeps the order of the field numbers, and is rendered once for all publishers', () => {
  const { accept, events } = harness();
  for (const record of story()) accept(record);
  const renderer = new JsonRenderer({ clusterName: 'prod' });
  const [, , lsm] = events;
  assert.ok(lsm !== undefined);
  const text = renderer.render(lsm);
  assert.equal(renderer.render(lsm), text);
  assert.match(text, /^\{"process_lsm":\{"process":\{"exec_id":"[^"]+","pid":200,"uid":7,"cwd":"\/root","binary":/);
  assert.match(text, /"node_name":"node","time":"[^"]+","cluster_name":"prod","ringfence":\{"verdict":"killed"/);
  assert.equal(Object.keys(JSON.parse(text)).join(), 'process_lsm,node_name,time,cluster_name,ringfence');
});

test('a process that no record told of is not dropped', () => {
  const { accept, json, processes } = harness();
  accept(
    policyRecord({
      process: { pid: 9, startNs: 10n },
      policy: 7,
      incarnation: 3,
      entry: 1,
      flags: policyFlag.processUnknown,
    }),
  );
  const [event] = json();
  assert.deepEqual(event.process_lsm.process, {
    exec_id: btoa('node:10:9'),
    pid: 9,
    flags: 'unknown',
    start_time: '2026-01-02T03:04:05.000000010Z',
    tid: 42,
  });
  assert.equal(event.process_lsm.parent, undefined);
  assert.equal(processes.counts.unknown, 1);
});

test('a key that was made up at the hook leads to the image that has the pid', () => {
  const { accept, json, processes } = harness();
  accept(execRecord({ process: bash, parent: init, binary: '/bin/bash', tid: 100 }));
  accept(
    policyRecord({
      process: { pid: bash.pid, startNs: bash.startNs - 5n },
      policy: 7,
      incarnation: 3,
      entry: 1,
      flags: policyFlag.processUnknown,
    }),
  );
  assert.equal(json()[1].process_lsm.process.binary, '/bin/bash');
  assert.equal(processes.counts.unknown, 0);
});

test('a forked child speaks with the image of its parent', () => {
  const { accept, json } = harness();
  accept(execRecord({ process: bash, parent: init, binary: '/bin/bash', tid: 100 }));
  accept(forkRecord({ process: child, parent: bash }));
  accept(exitRecord({ process: child, status: 3 << 8, tid: 200 }));
  const { process, parent, status, signal } = json()[1].process_exit;
  assert.equal(process.binary, '/bin/bash');
  assert.equal(process.flags, 'clone');
  assert.equal(process.pid, 200);
  assert.equal(process.parent_exec_id, btoa('node:1234:100'));
  assert.equal(parent.pid, 100);
  assert.deepEqual([status, signal], [3, undefined]);
});

test('a policy that is gone leaves an event with the kinds of its arguments', () => {
  const { accept, json, pipeline } = harness();
  accept(
    policyRecord({
      process: bash,
      policy: 8,
      arguments: [
        { kind: 'path', path: '' },
        { kind: 'integer', value: 2n ** 64n - 1n },
      ],
    }),
  );
  const { args, policy_name, function_name } = json()[0].process_lsm;
  assert.deepEqual(args, [{ path_arg: { path: '/' } }, { long_arg: '-1' }]);
  assert.deepEqual([policy_name, function_name], [undefined, undefined]);
  assert.equal(pipeline.counts.unknownPolicy, 1);
});

test('credentials, namespaces and binary properties are told when asked for', () => {
  const namespaces = { uts: 1, mnt: 2, net: 4_026_531_840 };
  const host = {
    uts: 1,
    ipc: 9,
    mnt: 9,
    pid: 9,
    pidForChildren: 9,
    net: 9,
    time: 9,
    timeForChildren: 9,
    cgroup: 9,
    user: 9,
  };
  const { accept, json } = harness({ processCredentials: true, processNamespaces: true, hostNamespaces: host });
  accept(
    execRecord({
      process: bash,
      namespaces,
      links: 0,
      inode: 2n ** 60n,
      flags: execFlag.setuid | execFlag.unlinked,
      credentials: {
        uid: 1000,
        gid: 1000,
        euid: 0,
        egid: 1000,
        suid: 0,
        sgid: 1000,
        fsuid: 0,
        fsgid: 1000,
        securebits: 1,
        permitted: 3n,
        effective: 1n << 21n,
        auid: 1000,
      },
    }),
  );
  const { process } = json()[0].process_exec;
  const caps = { permitted: ['CAP_CHOWN', 'DAC_OVERRIDE'], effective: ['CAP_SYS_ADMIN'] };
  assert.deepEqual(process.cap, caps);
  assert.deepEqual(process.process_credentials, {
    uid: 1000,
    gid: 1000,
    euid: 0,
    egid: 1000,
    suid: 0,
    sgid: 1000,
    fsuid: 0,
    fsgid: 1000,
    securebits: ['SecBitNoRoot'],
    caps,
  });
  assert.deepEqual(process.ns, { uts: { inum: 1, is_host: true }, mnt: { inum: 2 }, net: { inum: 4_026_531_840 } });
  assert.deepEqual(process.binary_properties, {
    setuid: 0,
    privileges_changed: ['PRIVILEGES_RAISED_EXEC_FILE_SETUID'],
    file: { inode: { number: '1152921504606846976', links: 0 } },
  });
  assert.equal(
    Object.keys(process).join(),
    'exec_id,pid,uid,cwd,binary,arguments,flags,start_time,auid,parent_exec_id,cap,ns,tid,process_credentials,binary_properties'.replace(
      'arguments,',
      '',
    ),
  );
});

test('processes found at the start have no sequence number, and fill no hole', () => {
  const { accept, json, pipeline } = harness();
  accept(execRecord({ process: bash, flags: execFlag.seeded, ring: ring.count, sequence: 0 }));
  pipeline.finish(0n);
  const [event] = json();
  assert.equal(json().length, 1);
  assert.equal(event.process_exec.process.flags, 'procFS');
  assert.deepEqual(event.ringfence.identity, {
    boot: 'b00710',
    ring: 'iterator',
    incarnation: '',
    cpu: 0,
    sequence: '0',
  });
});

test('a hole in the sequence becomes a loss event', () => {
  const { accept, json, pipeline } = harness();
  accept(exitRecord({ process: bash, cpu: 3, sequence: 10, timeNs: 1_000_000_000n }));
  accept(exitRecord({ process: bash, cpu: 3, sequence: 14, timeNs: 2_000_000_000n }));
  pipeline.finish(5_000_000_000n);
  assert.deepEqual(json()[2], {
    node_name: 'node',
    time: '2026-01-02T03:04:10Z',
    ringfence: {
      loss: {
        stage: 'ring',
        count: '3',
        boot: 'b00710',
        ring: 'verdict',
        incarnation: 'aa11',
        cpu: 3,
        from_sequence: '11',
        to_sequence: '13',
        interval: { from: '2026-01-02T03:04:06Z', to: '2026-01-02T03:04:07Z' },
      },
    },
  });
});

test('malformed records are counted, told once, and do not stop the rest', () => {
  const { accept, json, pipeline } = harness();
  accept(new Uint8Array(40));
  accept(exitRecord({ process: bash }));
  pipeline.tick(1n);
  pipeline.tick(2n);
  assert.equal(pipeline.counts.malformed, 1);
  assert.equal(pipeline.lastMalformed, 'says 0 bytes, has 40');
  assert.deepEqual(
    json().map((each) => Object.keys(each)[0]),
    ['process_exit', 'node_name'],
  );
  assert.equal(json()[1].ringfence.loss.stage, 'decode');
});

test('bytes that are no UTF-8 are visible in the text and whole in the raw form', () => {
  const { accept, json } = harness();
  const name = Uint8Array.of(0x2f, 0xff, 0x61);
  accept(execRecord({ process: bash, binary: name, argv: ['a', name] }));
  accept(
    policyRecord({ process: bash, policy: 7, incarnation: 3, entry: 1, arguments: [{ kind: 'path', path: name }] }),
  );
  const [exec, lsm] = json();
  assert.equal(exec.process_exec.process.binary, '/\ufffda');
  assert.deepEqual(exec.ringfence.raw, { 'process.binary': btoa('/\xffa'), 'process.arguments': btoa('a\0/\xffa\0') });
  assert.deepEqual(lsm.ringfence.raw, {
    'process.binary': btoa('/\xffa'),
    'process.arguments': btoa('a\0/\xffa\0'),
    'args.0': btoa('/\xffa'),
  });
});

test('what was written before the rings were taken over says so', () => {
  const { accept, events, pipeline, json } = harness({}, fileOpen, 2_000_000n);
  for (const [sequence, timeNs] of [[1, 1_999_999n] as const, [2, 2_000_000n] as const]) {
    accept(execRecord({ process: bash, parent: init, binary: '/bin/bash', sequence, timeNs }));
  }
  assert.deepEqual(
    json().map((each) => each.process_exec.ringfence?.while_away ?? each.ringfence?.while_away),
    [true, undefined],
  );
  assert.deepEqual([events.length, pipeline.counts.whileAway], [2, 1]);
});
