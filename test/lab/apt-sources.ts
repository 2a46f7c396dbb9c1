/**
 * Where this machine gets Debian's packages from, read out of its own apt configuration (`/etc/apt/sources.list*`),
 * so that no host name stands in this repository and a mirror or proxy that was set up here is used.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';

const MAIN_LIST = '/etc/apt/sources.list';
const LIST_FOLDER = '/etc/apt/sources.list.d';
const DEBIAN_RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky', 'sid'];
const DEBIAN_ALIASES = ['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'];
/** Installed on every Debian; holds the keys of all releases, so a newer suite is verified too. */
const DEBIAN_KEYRINGS = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);

/** One archive that apt is told of. */
export type Source = {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
};

/** The two archives of Debian as this machine reaches them. */
export type DebianArchives = { readonly main: string; readonly security: string | undefined };

export function readDebianArchives(): DebianArchives | undefined {
  const sources = existsSync(MAIN_LIST) ? parseOneLineSources(readFileSync(MAIN_LIST, 'utf8')) : [];
  for (const file of globSync(`${LIST_FOLDER}/*.{list,sources}`).sort()) {
    const text = readFileSync(file, 'utf8');
    sources.push(...(file.endsWith('.sources') ? parseDeb822Sources(text) : parseOneLineSources(text)));
  }
  return findDebianArchives(sources);
}

/** `deb [options] uri suite component…`, one a line. */
export function parseOneLineSources(text: string): Source[] {
  const sources: Source[] = [];
  for (const line of text.split('\n')) {
    const words = /^\s*deb\s+(?:\[[^\]]*\]\s*)?([^#]+)/.exec(line)?.[1]?.trim().split(/\s+/);
    const [uri, suite, ...components] = words ?? [];
    if (uri !== undefined && suite !== undefined) sources.push({ uris: [uri], suites: [suite], components });
  }
  return sources;
}

/** Paragraphs of `Field: value`, where an indented line goes on with the value before it. */
export function parseDeb822Sources(text: string): Source[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*(?:\n[ \t]*)+/).flatMap((paragraph) => {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of paragraph.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t]+.*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim());
    }
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    const enabled = !/^(no|false|off|without|disable)$/i.test(fields.get('enabled') ?? 'yes');
    if (!enabled || !words('types').includes('deb') || words('uris').length === 0) return [];
    return [{ uris: words('uris'), suites: words('suites'), components: words('components') }];
  });
}

/**
 * Other vendors name their suites after Debian's releases too; Debian's own archive is told by its path
 * (`…/debian`), which mirrors keep.
 */
export function findDebianArchives(sources: readonly Source[]): DebianArchives | undefined {
  const debian = sources.filter(({ components }) => components.includes('main'));
  const main = debian.find(({ suites }) => suites.some(isRelease))?.uris.find((uri) => /\bdebian\/?$/.test(uri));
  const security = debian.find(({ suites }) => suites.some(isSecurity))?.uris[0];
  return main === undefined ? undefined : { main, security };
}

function isRelease(suite: string): boolean {
  return [...DEBIAN_RELEASES, ...DEBIAN_ALIASES].includes(suite);
}

function isSecurity(suite: string): boolean {
  return /^(.+)(?:-security|\/updates)$/.exec(suite)?.slice(1).some(isRelease) ?? false;
}

/** A source list of `suites` from `archives`; those whose name says so are taken from the security archive. */
export function writeSourceList(archives: DebianArchives, suites: readonly string[]): string {
  const keyring = DEBIAN_KEYRINGS.find((path) => existsSync(path));
  const options = keyring === undefined ? '' : `[signed-by=${keyring}] `;
  return suites
    .map((suite) => ({ suite, uri: isSecurity(suite) ? archives.security : archives.main }))
    .filter(({ uri }) => uri !== undefined)
    .map(({ suite, uri }) => `deb ${options}${uri} ${suite} main\n`)
    .join('');
}
