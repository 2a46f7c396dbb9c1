/**
 * Fetches and unpacks Debian packages without installing them: apt with a configuration and a cache of its own.
 * The packages are verified by Debian's keys, as in any other use of apt.
 */
import { globSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDebianArchives, writeSourceList } from './apt-sources.ts';
import { attempt, CommandFailed, execute } from './command.ts';
import { lock, stateDirectory } from './state.ts';
import { LabUnavailable } from './unavailable.ts';

export type PackageVersion = { readonly name: string; readonly version: string };

export class Apt {
  readonly #suites: readonly string[];
  readonly #options: readonly string[];
  readonly #lock: Disposable;

  private constructor(suites: readonly string[], options: readonly string[], held: Disposable) {
    this.#suites = suites;
    this.#options = options;
    this.#lock = held;
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  /** The package lists of `suites`, fetched anew, for this process alone until it disposes of them. */
  static async open(suites: readonly string[]): Promise<Apt> {
    const archives = readDebianArchives();
    if (archives === undefined) {
      throw new LabUnavailable("this machine's apt configuration names no Debian archive to take kernels from");
    }
    const directory = join(stateDirectory(), 'apt', suites.join('+'));
    const held = await lock(`apt-${suites.join('+')}`);
    await mkdir(join(directory, 'lists/partial'), { recursive: true });
    await mkdir(join(directory, 'archives/partial'), { recursive: true });
    await writeFile(join(directory, 'status'), '');
    await writeFile(join(directory, 'sources.list'), writeSourceList(archives, suites));
    const apt = new Apt(suites, aptOptions(directory), held);
    try {
      await apt.#update();
    } catch (error) {
      apt[Symbol.dispose]();
      throw error;
    }
    return apt;
  }

  async #update(): Promise<void> {
    const result = await attempt(['apt-get', ...this.#options, 'update']).catch((cause: unknown) => {
      throw new LabUnavailable('this machine has no apt-get', { cause });
    });
    if (result.status !== 0) {
      const reason = result.stderr.trim().split('\n').slice(-4).join('; ');
      throw new LabUnavailable(`the package lists of ${this.#suites.join(', ')} cannot be had: ${reason}`);
    }
  }

  /** The newest version of `name` in any of the suites. */
  async newest(name: string): Promise<PackageVersion> {
    const rows = await execute(['apt-cache', ...this.#options, 'madison', name]);
    const version = rows.split('\n')[0]?.split('|')[1]?.trim(); // newest first
    if (version === undefined) throw new LabUnavailable(`no package ${name} in ${this.#suites.join(', ')}`);
    return { name, version };
  }

  /** The packages that `of` needs in an exact version: the other parts of what it was built from. */
  async dependencies(of: PackageVersion): Promise<PackageVersion[]> {
    const record = await execute(['apt-cache', ...this.#options, 'show', `${of.name}=${of.version}`]);
    const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
    return [...depends.matchAll(/(?:^|, )(\S+) \(= ([^)]+)\)/g)].map(([, name = '', version = '']) => ({
      name,
      version,
    }));
  }

  /** Puts the files of `packages` into `directory`. */
  async download(packages: readonly PackageVersion[], directory: string): Promise<void> {
    await this.#download(['download', ...packages.map(({ name, version }) => `${name}=${version}`)], directory);
  }

  /** Unpacks `packages` into `directory`. */
  async unpack(packages: readonly PackageVersion[], directory: string): Promise<void> {
    await this.#unpack(['download', ...packages.map(({ name, version }) => `${name}=${version}`)], directory);
  }

  /** Unpacks the newest `name` with all that it needs to run, down to the C library. */
  async unpackWithDependencies(name: string, directory: string): Promise<void> {
    await this.#unpack(['install', '--download-only', '--yes', '--no-install-recommends', name], directory);
  }

  /** What `command` of apt-get downloads. */
  async #unpack(command: readonly string[], directory: string): Promise<void> {
    const downloads = join(directory, '.downloads');
    await mkdir(join(downloads, 'partial'), { recursive: true });
    await this.#download(command, downloads);
    const files = globSync('*.deb', { cwd: downloads });
    for (const file of files) await execute(['dpkg', '-x', join(downloads, file), directory]);
    await rm(downloads, { recursive: true });
  }

  async #download(command: readonly string[], directory: string): Promise<void> {
    const there = ['-o', `Dir::Cache::archives=${directory}`];
    try {
      await execute(['apt-get', ...this.#options, ...there, ...command], { cwd: directory });
    } catch (cause) {
      if (!(cause instanceof CommandFailed)) throw cause;
      throw new LabUnavailable(`apt-get cannot ${command.join(' ')}: ${cause.message}`, { cause });
    }
  }
}

function aptOptions(directory: string): string[] {
  return [
    `Dir::State=${directory}`,
    `Dir::State::lists=${directory}/lists`,
    `Dir::State::status=${directory}/status`,
    `Dir::Cache=${directory}`,
    `Dir::Cache::archives=${directory}/archives`,
    `Dir::Etc::SourceList=${directory}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    'Dir::Etc::Preferences=/dev/null',
    'Dir::Etc::PreferencesParts=/dev/null',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    // A list that cannot be fetched is an error here, not a warning about using the one of last time.
    'APT::Update::Error-Mode=any',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    // The user _apt cannot write below the home directory of root, where the state usually is.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}
