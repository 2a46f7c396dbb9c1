/** The files of the image: libraries of Debian, Node, and the bundle; no shell, no package manager. */
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../src/bundle/bundle.ts';
import { execute } from '../lab/command.ts';
import { readLock, unpackLocked } from './lock.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const NODE = `node_modules/node-linux-${process.arch}`;
const PROGRAM = 'usr/lib/ringfence';
/** Of Debian's packages only their libraries and licences are wanted. */
const UNWANTED = [
  ...['usr/bin', 'usr/sbin', 'usr/share/{man,locale,lintian,gcc,gdb,bug}', 'usr/share/doc/*/!(copyright)'],
  ...['usr/lib/*-linux-gnu/{gconv,audit}', 'etc', 'var'],
];
/** As every Debian has them. */
const LINKS = { bin: 'usr/bin', sbin: 'usr/sbin', lib: 'usr/lib', lib64: 'usr/lib64' } as const;

/** There is no `env`, which the bundle's own first line asks for. */
const START = (script: string) => `#!/usr/bin/node\nimport('/${PROGRAM}/${script}');\n`;

/** Fills an empty directory. */
export async function makeRoot(directory: string): Promise<void> {
  await unpackLocked(directory);
  for (const path of UNWANTED.flatMap((pattern) => globSync(pattern, { cwd: directory }))) {
    rmSync(join(directory, path), { recursive: true });
  }
  for (const [link, target] of Object.entries(LINKS)) symlinkSync(target, join(directory, link));
  // where the chart mounts something: a read-only root has no place that could be made later
  for (const path of ['usr/bin', 'usr/sbin', 'etc', 'proc', 'sys', 'dev', 'run', 'tmp', 'var/lib', 'var/log']) {
    mkdirSync(join(directory, path), { recursive: true });
  }
  writeFileSync(
    join(directory, 'etc/passwd'),
    'root:x:0:0:root:/:/nonexistent\nnobody:x:65532:65532::/:/nonexistent\n',
  );
  writeFileSync(join(directory, 'etc/group'), 'root:x:0:\nnobody:x:65532:\n');
  cpSync(join(REPOSITORY, NODE, 'bin/node'), join(directory, 'usr/bin/node'));
  cpSync(join(REPOSITORY, NODE, 'LICENSE'), join(directory, 'usr/share/doc/node/copyright'));
  const program = join(directory, PROGRAM);
  mkdirSync(program);
  const { start } = await bundle(program);
  writeFileSync(join(directory, 'usr/bin/ringfence'), START(start));
  chmodSync(join(directory, 'usr/bin/ringfence'), 0o755);
  addToBill(join(program, 'sbom.cdx.json'));
}

/** The bill of materials of the bundle, with what the image has beside it. */
function addToBill(path: string): void {
  const bill = JSON.parse(readFileSync(path, 'utf8')) as { readonly components: readonly object[] };
  const debian = readLock().map(({ name, version, sha256 }) => {
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?distro=trixie`;
    const hashes = [{ alg: 'SHA-256', content: sha256 }];
    return { type: 'library', 'bom-ref': purl, name, version, purl, hashes };
  });
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, NODE, 'package.json'), 'utf8')) as { version: string };
  const node = {
    type: 'platform',
    'bom-ref': `node@${version}`,
    name: 'node',
    version,
    licenses: [{ expression: 'MIT' }],
  };
  writeFileSync(path, `${JSON.stringify({ ...bill, components: [...bill.components, node, ...debian] }, null, 2)}\n`);
}

/** The same bytes for the same files: in order, of root, without times. */
export async function packRoot(directory: string, file: string): Promise<void> {
  await execute([
    ...['tar', '--create', '--file', file, '--directory', directory, '--format=gnu', '--sort=name'],
    ...['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=u+rw,go-w,go+rX', '.'],
  ]);
}
