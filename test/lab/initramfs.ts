/** The guest's file system, all in memory: a small Debian with Node, a shell, bpftool and NATS. */
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { attempt, execute } from './command.ts';
import { type ArchiveEntry, archive } from './cpio.ts';
import { providePrograms } from './packages.ts';
import { stripTypes } from './payload.ts';
import { once } from './state.ts';
import { TemporaryDirectory } from './temporary.ts';
import { LabUnavailable } from './unavailable.ts';

const LAB = import.meta.dirname;

/** As on an installed Debian: /bin, /sbin and /lib are names for the same below /usr. */
const MERGED = { '/bin': 'usr/bin', '/sbin': 'usr/sbin', '/lib': 'usr/lib', '/lib64': 'usr/lib64' } as const;

const MOUNT_POINTS = ['/proc', '/sys', '/dev', '/tmp', '/run', '/mnt/ext4', '/ringfence', '/root', '/var/log'];

/** Programs of this machine that go in as they are, so that policies meet real binaries and not busybox. */
const HOST_PROGRAMS = [
  ...['bash', 'dash', 'cat', 'chmod', 'cp', 'dd', 'head', 'id', 'ln', 'ls', 'mkdir', 'mv', 'rm', 'sleep', 'tail'],
  ...['touch', 'true', 'truncate'],
].map((name) => `/usr/bin/${name}`);

const LIBRARIES = ['libbpf.so.1'];

const TEXT_FILES: Readonly<Record<string, string>> = {
  '/etc/hostname': 'ringfence-guest\n',
  '/etc/hosts': '127.0.0.1 localhost ringfence-guest\n::1 localhost\n',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\nuser:x:1000:1000::/tmp:/bin/sh\n',
  '/etc/group': 'root:x:0:\nnogroup:x:65534:\nuser:x:1000:\n',
  '/etc/shadow': 'root:!:20000:0:99999:7:::\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  '/etc/profile': "export PS1='ringfence-guest:\\w# '\n",
  '/usr/lib/ringfence/package.json': '{ "type": "module" }\n',
};

/** Files of the lab itself, by where they go. */
const LAB_FILES: Readonly<Record<string, string>> = {
  '/init': 'guest/init',
  '/usr/lib/ringfence/boot': 'guest/boot',
  '/usr/lib/ringfence/plug': 'guest/plug',
  '/usr/lib/ringfence/guest/agent.ts': 'guest/agent.ts',
  '/usr/lib/ringfence/protocol.ts': 'protocol.ts',
  '/usr/lib/ringfence/stripped.js': 'guest/stripped.js',
  '/usr/local/bin/ringfence': 'guest/ringfence',
};

/** The archive for `-initrd`; made again when anything that goes into it changes. */
export async function provideInitramfs(): Promise<string> {
  const files = await hostFiles();
  const texts: Record<string, string> = { ...TEXT_FILES };
  for (const [path, name] of Object.entries(LAB_FILES)) texts[path] = await readFile(join(LAB, name), 'utf8');
  const directory = await once({
    kind: 'initramfs',
    name: 'guest',
    inputs: { format: 2, stamps: stamps(files), texts, MOUNT_POINTS, MERGED },
    build: async (into) => {
      const entries = await layOut(files, await withoutTypes(texts));
      await pipeline(Readable.from(archive(entries)), createWriteStream(join(into, 'initramfs.cpio')));
    },
  });
  return join(directory, 'initramfs.cpio');
}

/** Stripped in a directory of their own, like the payload. */
async function withoutTypes(texts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  using scratch = new TemporaryDirectory('strip');
  const sources = Object.entries(texts).filter(([path]) => path.endsWith('.ts'));
  for (const [index, [, text]] of sources.entries()) await writeFile(join(scratch.path, `${index}.ts`), text);
  await stripTypes(scratch.path);
  const stripped: Record<string, string> = { ...texts };
  for (const [index, [path]] of sources.entries()) {
    stripped[path] = await readFile(join(scratch.path, `${index}.ts`), 'utf8');
  }
  return stripped;
}

/** The same Node is a newer file in every checkout, so its version stands for it. */
function stamps(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).map(([path, source]) => {
    const { size, mtimeMs } = statSync(source);
    return [path, size, source === process.execPath ? process.version : mtimeMs].join(' ');
  });
}

/** Guest path to host path of every binary and of every library that one of them needs. */
async function hostFiles(): Promise<Record<string, string>> {
  const programs = await providePrograms();
  const files: Record<string, string> = {
    '/usr/bin/busybox': join(programs, 'bin/busybox'),
    '/usr/bin/node': process.execPath,
    '/usr/sbin/bpftool': join(programs, 'usr/sbin/bpftool'),
    '/usr/sbin/nats-server': join(programs, 'usr/sbin/nats-server'),
    '/usr/sbin/mkfs.ext4': '/usr/sbin/mkfs.ext4',
  };
  for (const path of HOST_PROGRAMS) files[path] = path;
  for (const name of LIBRARIES) {
    const path = `/usr/lib/${multiarch()}/${name}`;
    files[path] = path;
  }
  const needed = await Promise.all(Object.values(files).map(neededLibraries));
  for (const path of needed.flat()) files[path.startsWith('/usr/') ? path : `/usr${path}`] = path;
  return files;
}

function multiarch(): string {
  return 'x86_64-linux-gnu';
}

/** What the dynamic linker would load with `path`; nothing when it is linked statically. */
async function neededLibraries(path: string): Promise<string[]> {
  if (!existsSync(path)) throw new LabUnavailable(`guests need ${path}, which this machine does not have`);
  const { stdout } = await attempt(['ldd', path]);
  const missing = /(\S+) => not found/.exec(stdout)?.[1];
  if (missing !== undefined) throw new LabUnavailable(`${basename(path)} needs ${missing}, which is not installed`);
  return [...stdout.matchAll(/(?:=> |^\s)(\/\S+) \(0x/gm)].flatMap(([, library]) => library ?? []);
}

async function layOut(
  files: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>>,
): Promise<ArchiveEntry[]> {
  const content: ArchiveEntry[] = Object.entries(MERGED).map(([path, target]) => ({ kind: 'link', path, target }));
  for (const [path, text] of Object.entries(texts)) {
    content.push({ kind: 'file', path, mode: modeOf(path, text), content: Buffer.from(text) });
  }
  for (const [path, source] of Object.entries(files)) {
    content.push({ kind: 'file', path, mode: 0o755, content: await readFile(source) });
  }
  content.push({ kind: 'link', path: '/usr/bin/sh', target: 'dash' });
  const taken = new Set(content.map(({ path }) => basename(path)));
  const applets = await execute([files['/usr/bin/busybox'] ?? 'busybox', '--list']);
  for (const name of applets.split('\n')) {
    if (name !== '' && !taken.has(name)) content.push({ kind: 'link', path: `/usr/bin/${name}`, target: 'busybox' });
  }
  const folders = new Set([...MOUNT_POINTS.flatMap((path) => [...parents(path), path])]);
  for (const { path } of content) for (const parent of parents(path)) folders.add(parent);
  return [...[...folders].map((path): ArchiveEntry => ({ kind: 'directory', path })), ...content];
}

function modeOf(path: string, text: string): number {
  if (path === '/etc/shadow') return 0o600;
  return text.startsWith('#!') ? 0o755 : 0o644;
}

/** `/a/b/c` to `/a`, `/a/b`. */
function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '/' ? [] : [...parents(parent), parent];
}
