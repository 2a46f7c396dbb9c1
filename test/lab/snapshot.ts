/** A machine saved at the moment its agent was ready: memory in a file that guests map, device state beside it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { provideEmulator } from './emulator.ts';
import { Machine, type Shape } from './machine.ts';
import { fileStamp } from './packages.ts';
import { FrameReader } from './protocol.ts';
import { once } from './state.ts';

const BOOT_TIMEOUT_MS = 180_000;
const SETTLE_MS = 300;
const POLL_MS = 10;

/** Returns a running machine of `shape`, from its snapshot; the first time that is made, which takes a boot. */
export async function restore(shape: Shape, name: string): Promise<Machine> {
  const directory = await provideSnapshot(shape, name);
  const machine = await Machine.start({
    shape,
    memory: { path: join(directory, 'memory'), share: false },
    incoming: true,
  });
  try {
    await machine.qmp.execute('migrate-set-capabilities', IGNORE_SHARED);
    await machine.qmp.execute('migrate-incoming', { uri: `exec:cat '${join(directory, 'devices')}'` });
    while ((await status(machine, 'query-status')) === 'inmigrate') await sleep(POLL_MS);
    await machine.qmp.execute('cont');
    return machine;
  } catch (error) {
    machine[Symbol.dispose]();
    throw error;
  }
}

/** Boots a machine of `shape` and returns it when its agent is ready. */
export async function boot(shape: Shape, memoryPath?: string): Promise<Machine> {
  const memory = memoryPath === undefined ? {} : { memory: { path: memoryPath, share: true } };
  const machine = await Machine.start({ shape, ...memory });
  try {
    await agentReady(machine);
    return machine;
  } catch (error) {
    const { console } = machine;
    machine[Symbol.dispose]();
    throw new Error(`the guest did not come up\n${console.slice(-4_000)}`, { cause: error });
  }
}

/** The memory file is shared with the host, so it needs no copy through the migration stream. */
const IGNORE_SHARED = { capabilities: [{ capability: 'x-ignore-shared', state: true }] };

async function provideSnapshot(shape: Shape, name: string): Promise<string> {
  const { build } = await provideEmulator({ writesCode: shape.writesCode === true });
  return once({
    kind: 'snapshots',
    name,
    inputs: {
      format: 2,
      emulator: build,
      shape,
      kernel: await fileStamp(shape.kernelImage),
      initramfs: await fileStamp(shape.initramfs),
    },
    build: (into) => save(shape, into),
  });
}

async function save(shape: Shape, directory: string): Promise<void> {
  using machine = await boot(shape, join(directory, 'memory'));
  await sleep(SETTLE_MS);
  await machine.qmp.execute('stop');
  await machine.qmp.execute('migrate-set-capabilities', IGNORE_SHARED);
  await machine.qmp.execute('migrate', { uri: `exec:cat > '${join(directory, 'devices')}'` });
  for (;;) {
    const state = await status(machine, 'query-migrate');
    if (state === 'completed') break;
    if (state === 'failed') throw new Error('QEMU could not save the guest');
    await sleep(POLL_MS);
  }
  await machine.qmp.execute('quit');
  await machine.ended;
}

async function status(machine: Machine, command: string): Promise<unknown> {
  return ((await machine.qmp.execute(command)) as { readonly status?: unknown }).status;
}

async function agentReady(machine: Machine): Promise<void> {
  const frames = new FrameReader();
  const timer = AbortSignal.timeout(BOOT_TIMEOUT_MS);
  await new Promise<void>((resolve, reject) => {
    timer.addEventListener('abort', () => reject(timer.reason));
    machine.ended.then(() => reject(new Error('the machine stopped')));
    machine.agentLine.on('data', function wait(chunk: Buffer) {
      for (const { kind } of frames.read(chunk)) {
        if (kind !== 'ready') continue;
        machine.agentLine.off('data', wait);
        resolve();
      }
    });
  });
}
