import { bootClock, ProcessTable } from '#process';
import { JsonRenderer, EventPipeline, SequenceTracker, decodeRecord } from './index.ts';
import { execRecord, hookDescription, policyRecord } from './testing.ts';
import { socketFlag, position } from '#abi';
const p = { pid: 100, startNs: 1234n };
const clock = bootClock(10n ** 18n);
const renderer = new JsonRenderer();
let size = 0;
const hooks = [
  hookDescription({ declared: { kind: 'kprobe', functionName: '__x64_sys_openat' }, arguments: [{ type: 'int', label: undefined }, { type: 'string', label: 'path' }], result: { type: 'int', label: undefined } }),
  hookDescription({ declared: { kind: 'kprobe', functionName: 'tcp_connect' }, arguments: [{ type: 'sock', label: undefined }] }),
  hookDescription({ arguments: [{ type: 'file', label: undefined }] }),
  hookDescription({ declared: { kind: 'kprobe', functionName: 'commit_creds' }, arguments: [{ type: 'cred', label: undefined }] }),
];
let renderOn = true;
const pipeline = new EventPipeline({ nodeName: 'node', source: { bootId: 'boot-boot', ringIncarnations: ['a', 'b'] }, clock, processes: new ProcessTable({ nodeName: 'node', clock }), policies: (s, i, e) => hooks[e], sequences: new SequenceTracker({ begin: 'first' }), sink: (e) => { if (renderOn) size += renderer.render(e).length; } });
const ex = execRecord({ process: p }); pipeline.accept(ex, 0, ex.length);
const recs = [
  policyRecord({ process: p, entry: 0, flags: 16, arguments: [{ kind: 'integer', value: -100n }, { kind: 'string', string: '/usr/lib/x86_64-linux-gnu/libc.so.6' }, { kind: 'integer', value: 3n, position: position.result }] }),
  policyRecord({ process: p, entry: 1, arguments: [{ kind: 'socket', socket: { flags: socketFlag.read | 8 | 16 | 32 | 64, type: 1, protocol: 6, state: 2, source: [10, 0, 0, 1], destination: [10, 0, 0, 2], sourcePort: 4242, destinationPort: 80, cookie: 2n ** 63n + 5n } }] }),
  policyRecord({ process: p, entry: 2, arguments: [{ kind: 'path', path: '/etc/shadow', mode: 0o100640, inode: 5n, device: 1 << 20 }] }),
  policyRecord({ process: p, entry: 3, arguments: [{ kind: 'credentials', identity: { permitted: (1n<<41n)-1n, effective: (1n<<41n)-1n } }] }),
];
const names = ['openat+return', 'tcp_connect', 'lsm file', 'cred'];
for (const round of [0, 1]) for (const [i, r] of recs.entries()) {
  const N = 300_000;
  const bench = (f: () => void) => { const t = process.cpuUsage(); for (let n = 0; n < N; n++) f(); const u = process.cpuUsage(t); return (u.user + u.system) * 1000 / N; };
  const d = bench(() => { decodeRecord(r, 0, r.length); });
  renderOn = false; const e = bench(() => pipeline.accept(r, 0, r.length));
  renderOn = true; const j = bench(() => pipeline.accept(r, 0, r.length));
  if (round) console.log(names[i], 'decode', d.toFixed(0), 'event', e.toFixed(0), 'with json', j.toFixed(0), 'ns');
}
