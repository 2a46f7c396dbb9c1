/**
 * The form that is shipped: one program of our sources and all packages that they use, the BPF objects, the hook for
 * container runtimes, and the native half of koffi. On the node it needs Node and libbpf, and no package beside it. Equal sources give equal bytes.
 */
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { billOfMaterials, licenseText, type Package, packagesOf } from './packages.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/**
 * Two folders down, as src/cli is in the repository: what the program looks for beside itself, kprobes/build, has the
 * same place seen from either.
 */
const PROGRAM = 'lib/ringfence';
const START = `${PROGRAM}/ringfence.js`;
const BUILT = ['runtime.bpf.o', 'base.bpf.o', 'guard.bpf.o', 'ringfence-hook'].map((name) => `kprobes/build/${name}`);
/** Of the C library that the official Node is linked with; another one needs another file, and is refused by npm. */
const NATIVE = `node_modules/@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
const AS_THEY_ARE = [...BUILT, 'LICENSE', 'LICENSES', 'policies/examples', 'charts/systemd'];

/** Packages in the form of CommonJS ask for Node's own modules by `require`, which a module does not have. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

export type Bundle = {
  /** The script to run, from the folder of the bundle. */
  readonly start: string;
  readonly packages: readonly Package[];
  /** The sources that each script was made of; both by their path, from the bundle and from the repository. */
  readonly scripts: ReadonlyMap<string, readonly string[]>;
};

/** Writes the bundle into a folder, which is new or empty. The BPF objects have been built. */
export async function bundle(into: string): Promise<Bundle> {
  const { metafile } = await esbuild({
    absWorkingDir: REPOSITORY,
    entryPoints: { ringfence: 'src/bundle/start.ts' },
    outdir: join(into, PROGRAM),
    alias: { koffi: './src/bundle/koffi.ts' },
    bundle: true,
    splitting: true, // a short command loads its own scripts and no others
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    legalComments: 'none', // all of them go into licenses.txt
    metafile: true,
    logLevel: 'silent',
  });
  const scripts = Object.entries(metafile.outputs).map(
    ([output, { inputs }]) => [join(PROGRAM, basename(output)), Object.keys(inputs)] as const,
  );
  const packages = packagesOf([...scripts.flatMap(([, sources]) => sources), NATIVE], REPOSITORY);
  cpSync(join(REPOSITORY, NATIVE), join(into, PROGRAM, 'koffi.node'));
  for (const path of AS_THEY_ARE) cpSync(join(REPOSITORY, path), join(into, path), { recursive: true });
  const manifest = shippedManifest();
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(into, 'licenses.txt'), licenseText(packages));
  writeFileSync(join(into, 'sbom.cdx.json'), billOfMaterials(manifest, packages));
  chmodSync(join(into, START), 0o755);
  return { start: START, packages, scripts: new Map(scripts) };
}

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
};

/** It depends on no package: all are inside. */
function shippedManifest() {
  const text = readFileSync(join(REPOSITORY, 'package.json'), 'utf8');
  const { name, version, description, license } = JSON.parse(text) as Manifest;
  return {
    ...{ name, version, description, license },
    type: 'module',
    bin: { ringfence: START, 'kubectl-ringfence': START },
    engines: { node: '>=24' },
    os: ['linux'],
    cpu: [process.arch],
    libc: ['glibc'],
  };
}
