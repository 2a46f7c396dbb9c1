/** Where the time of an event goes between the ring and the file, as Node's profiler sees it on this machine. */
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { execFlag } from '#abi';
import { EventPipeline, JsonRenderer, SequenceTracker } from '#events';
import { bootClock, ProcessTable } from '#process';
import { FilePublisher, renderOnce } from '#publish';
import { execRecord, exitRecord, forkRecord, hookDescription, policyRecord } from '../../src/events/testing.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { type CpuProfile, foldProfile } from './cpu-profile.ts';
import { flameGraph } from './flame-graph.ts';

const NODE = 'node-1.example';
const FILE_BYTES_MAX = 1024 * 1024 * 1024;
const INTERVAL_US = 100;
/** The first of them are what makes Node compile. */
const ROUNDS_BEFORE = 20;
const ROUNDS = 40;
/** Of a file that is opened, and as many processes that come and go. */
const PER_ROUND = 1_000;
const TITLE = 'File events and processes, from the ring to the file';

const init = { pid: 1, startNs: 5n };
const shell = { pid: 100, startNs: 1_234n };

/** An SVG. */
export async function eventsFlameGraph(): Promise<string> {
  using scratch = new TemporaryDirectory('flame');
  const { accept, close } = await agentPath(join(scratch.path, 'events.json'));
  for (const process of [init, shell]) accept(execRecord({ process, parent: init, argv: ['bash'], ring: 2 }));
  using session = connected();
  let sequence = 0;
  for (let round = 0; round < ROUNDS_BEFORE + ROUNDS; round += 1) {
    const records = roundOf(sequence);
    sequence += records.length;
    if (round === ROUNDS_BEFORE) await session.begin();
    for (const record of records) accept(record);
    await turn();
  }
  const profile = await session.end();
  await close();
  return flameGraph(TITLE, foldProfile(profile).filter(isOurs));
}

/** As the agent puts it together. */
async function agentPath(path: string) {
  const clock = bootClock(BigInt(Date.UTC(2026, 0, 2)) * 1_000_000n);
  const json = new JsonRenderer();
  const file = await FilePublisher.open({
    ...{ path, bytesMax: FILE_BYTES_MAX, intervalMs: 0, countMax: 1, compress: false, permission: 0o600 },
    ...{ nodeName: NODE, stage: 'file', render: renderOnce((event) => json.render(event)) },
  });
  const hook = hookDescription({ arguments: [{ type: 'file', label: undefined }] });
  const pipeline = new EventPipeline({
    ...{ nodeName: NODE, clock, processes: new ProcessTable({ nodeName: NODE, clock }), policies: () => hook },
    source: { bootId: 'b00710', ringIncarnations: ['aa11', 'bb22'], takenOverNs: 0n },
    sequences: new SequenceTracker({ begin: 'first' }),
    sink: (event) => file.publish(event),
  });
  return {
    accept: (record: Uint8Array) => pipeline.accept(record, 0, record.length),
    close: () => file.close(),
  };
}

function roundOf(before: number): readonly Uint8Array[] {
  let sequence = before;
  return Array.from({ length: PER_ROUND }, (_, index) => {
    const next = () => {
      sequence += 1;
      return { ring: 1, cpu: 0, sequence, timeNs: 1_000_000_000n + BigInt(sequence) * 10_000n };
    };
    const opened = { kind: 'path', path: '/etc/shadow', mode: 0o100640, inode: 12_345n, device: 8 << 20 } as const;
    const file = policyRecord({ ...next(), process: shell, comm: 'bash', cgroupId: 4711n, arguments: [opened] });
    const born = next();
    const child = { pid: 1_000 + index, startNs: born.timeNs };
    const image = { pid: child.pid, startNs: child.startNs + 1n };
    const ran = { process: image, parent: shell, argv: ['true'], flags: execFlag.clone, cgroupId: 4711n };
    return [
      file,
      forkRecord({ ...born, process: child, parent: shell, cgroupId: 4711n }),
      execRecord({ ...next(), ...ran }),
      exitRecord({ ...next(), process: image }),
    ];
  }).flat();
}

function connected() {
  const session = new Session();
  session.connect();
  return {
    begin: async () => {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
      await session.post('Profiler.start');
    },
    end: async (): Promise<CpuProfile> => {
      const { profile } = await session.post('Profiler.stop');
      return { ...profile, samples: profile.samples ?? [], timeDeltas: profile.timeDeltas ?? [] };
    },
    [Symbol.dispose]: () => session.disconnect(),
  };
}

/** Not the making of the records, which is the kernel's part. */
function isOurs({ frames }: { readonly frames: readonly string[] }): boolean {
  return !frames.some((frame) => frame.startsWith('roundOf ') || frame.startsWith('post '));
}
