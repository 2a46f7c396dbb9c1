/** What this machine must have installed for builds and for guests; on Debian, as root, it is installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readDebianArchives } from './apt-sources.ts';
import { attempt, execute } from './command.ts';
import { LabUnavailable } from './unavailable.ts';

/** `build`: BPF programs. `lab`: guests. `tests`: what unit tests compare with. */
export type ToolSet = 'build' | 'lab' | 'tests';

type Tool = {
  readonly name: string;
  readonly purpose: string;
  readonly present: () => boolean | Promise<boolean>;
  /** Debian packages that bring it, the first that can be had. */
  readonly packages: readonly string[];
};

const CLANG_VERSIONS = [22, 21, 20, 19, 18, 17, 16, 15];
const LIBRARY_FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

const TOOLS: Readonly<Record<ToolSet, readonly Tool[]>> = {
  build: [
    {
      name: 'clang 15 or newer with the BPF target',
      purpose: 'builds the programs in kprobes/',
      present: () => findClang().then((clang) => clang !== undefined),
      packages: ['clang-19', 'clang'],
    },
    {
      name: 'the headers of libbpf',
      purpose: 'are included by the programs in kprobes/',
      present: () => existsSync('/usr/include/bpf/bpf_helpers.h'),
      packages: ['libbpf-dev'],
    },
    {
      name: 'libbpf.so.1',
      purpose: 'links and loads programs',
      present: () => LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, 'libbpf.so.1'))),
      packages: ['libbpf1', 'libbpf-dev'],
    },
  ],
  tests: [
    {
      name: 'llvm-objdump-19 and llvm-readelf-19',
      purpose: 'read and disassemble the objects that src/bpf writes',
      present: () => onPath('llvm-objdump-19') && onPath('llvm-readelf-19'),
      packages: ['llvm-19'],
    },
  ],
  lab: [
    {
      name: 'qemu-system-x86_64',
      purpose: 'runs the guests that kernel tests need',
      // from Debian's archive the lab fetches one for itself
      present: () => onPath('qemu-system-x86_64') || readDebianArchives() !== undefined,
      packages: ['qemu-system-x86'],
    },
    {
      name: 'mkfs.ext4',
      purpose: "makes the guests' disks",
      present: () => onPath('mkfs.ext4'),
      packages: ['e2fsprogs'],
    },
    {
      name: 'flock and setpriv',
      purpose: 'keep runs apart and end guests with their run',
      present: () => onPath('flock') && onPath('setpriv'),
      packages: ['util-linux'],
    },
    { name: 'bash', purpose: 'is copied into the guests', present: () => onPath('bash'), packages: ['bash'] },
    {
      name: 'libcap.so.2',
      purpose: 'is copied into the guests, for bpftool',
      present: () => LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, 'libcap.so.2'))),
      packages: ['libcap2'],
    },
  ],
};

/** Makes sure that the tools of `set` are there, or throws `LabUnavailable` with the command that would install them. */
export async function provideTools(set: ToolSet, log: (line: string) => void): Promise<void> {
  const missing = await missingTools(set);
  if (missing.length === 0) return;
  const wants = missing.map(({ name, purpose }) => `${name} (${purpose})`).join(', ');
  const packages = missing.map(({ packages: [first = ''] }) => first).join(' ');
  if (!onPath('apt-get')) throw new LabUnavailable(`missing: ${wants}. Install them (Debian: ${packages})`);
  if (process.getuid?.() !== 0) {
    throw new LabUnavailable(`missing: ${wants}. Run: sudo apt-get install ${packages}`);
  }
  log(`installing what is missing: ${wants}`);
  await install(missing, log);
  const still = await missingTools(set);
  if (still.length > 0) {
    throw new LabUnavailable(`still missing after apt-get install: ${still.map(({ name }) => name).join(', ')}`);
  }
}

async function missingTools(set: ToolSet): Promise<Tool[]> {
  const missing: Tool[] = [];
  for (const tool of TOOLS[set]) if (!(await tool.present())) missing.push(tool);
  return missing;
}

async function install(tools: readonly Tool[], log: (line: string) => void): Promise<void> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    // a list that cannot be had, of somebody else's archive, need not matter
    const update = await attempt(['apt-get', 'update'], { env: environment });
    if (update.status !== 0)
      log(`apt-get update failed, going on with the lists that there are: ${update.stderr.trim()}`);
    const packages: string[] = [];
    for (const tool of tools) packages.push(await available(tool));
    log(`apt-get install --no-install-recommends ${packages.join(' ')}`);
    await execute(['apt-get', 'install', '--yes', '--no-install-recommends', ...packages], { env: environment });
  } catch (cause) {
    throw new LabUnavailable(`the tools could not be installed: ${(cause as Error).message}`, { cause });
  }
}

async function available({ name, packages }: Tool): Promise<string> {
  for (const candidate of packages) {
    const { stdout } = await attempt(['apt-cache', 'policy', candidate]);
    if (/Candidate: (?!\(none\))/.test(stdout)) return candidate;
  }
  throw new LabUnavailable(`no package for ${name}: apt knows none of ${packages.join(', ')}`);
}

/** The newest clang on this machine that can compile for BPF. */
export async function findClang(): Promise<string | undefined> {
  for (const name of [...CLANG_VERSIONS.map((version) => `clang-${version}`), 'clang']) {
    if (!onPath(name)) continue;
    const version = Number(/version (\d+)\./.exec((await attempt([name, '--version'])).stdout)?.[1]);
    const targets = (await attempt([name, '--print-targets'])).stdout;
    if (version >= Math.min(...CLANG_VERSIONS) && /^\s*bpf\b/m.test(targets)) return name;
  }
  return undefined;
}

function onPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
