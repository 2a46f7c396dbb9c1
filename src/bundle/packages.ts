/** What the bundle holds of others: the packages, their licences, and both as the files that are shipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Package = {
  readonly name: string;
  readonly version: string;
  /** As the package says it, an SPDX expression. */
  readonly license: string;
  readonly text: string;
};

/** A package whose licence text is in another one, which it is a part of. */
const TEXT_IS_IN: Readonly<Record<string, string>> = {
  '@koromix/koffi-linux-x64': 'koffi',
  '@koromix/koffi-linux-arm64': 'koffi',
};

const LICENSE_FILE = /^(licen[cs]e|copying)(\.(md|txt))?$/i;
const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Those that the files belong to, by name. Throws when one comes without a licence. */
export function packagesOf(files: readonly string[], root: string): readonly Package[] {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? []));
  return [...folders]
    .map((folder) => readPackage(root, folder))
    .toSorted((a, b) => compareText(`${a.name} ${a.version}`, `${b.name} ${b.version}`));
}

function readPackage(root: string, folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Omit<Package, 'text'>;
  const { name, version, license } = manifest;
  const other = TEXT_IS_IN[name];
  const place = join(root, other === undefined ? folder : `node_modules/${other}`);
  const file = readdirSync(place).find((each) => LICENSE_FILE.test(each));
  if (typeof license !== 'string' || file === undefined) throw new Error(`${folder} comes without a licence`);
  return { name, version, license, text: readFileSync(join(place, file), 'utf8').trim() };
}

/** The same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The licences that have to go along with the code. */
export function licenseText(packages: readonly Package[]): string {
  const intro = 'Ringfence is under the Apache License 2.0, see LICENSE; its BPF programs as LICENSES/ says.\n';
  const parts = packages.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`);
  return [`${intro}It contains these packages of others:\n`, ...parts].join(`\n${'='.repeat(80)}\n\n`);
}

/** CycloneDX 1.6, without what would differ from one build to the next: time and serial number. */
export function billOfMaterials(program: Omit<Package, 'text'>, packages: readonly Package[]): string {
  const component = (type: 'application' | 'library', { name, version, license }: Omit<Package, 'text'>) => ({
    type,
    'bom-ref': packageUrl(name, version),
    name,
    version,
    purl: packageUrl(name, version),
    licenses: [{ expression: license }],
  });
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', program) },
    components: packages.map((each) => component('library', each)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}
