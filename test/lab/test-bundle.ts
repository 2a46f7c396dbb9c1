/**
 * Kernel tests in the form in which they start fastest: each file with what it uses of ours in one script. From its
 * sources a test reads hundreds of files before it begins, which under emulation is a third of what a short one takes.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

const REPOSITORY = join(import.meta.dirname, '../..');
/** Test files, and what they start as processes of their own. */
const ENTRIES = [
  'test/kernel/**/*.test.ts',
  'test/kernel/harness/{guarded,subscriber}.ts',
  'test/bench/{measure,contention}.ts',
];
/** Where guests have the repository. */
const PLACE = '/ringfence';

/** Beside the sources, in the payload of a guest. */
export const TEST_BUNDLE = 'bundled';

/** Of a test file, by its path from the root of the repository. */
export function bundledTest(file: string): string {
  return join(TEST_BUNDLE, file.replace(/\.ts$/, '.js'));
}

export async function bundleTests(into: string): Promise<void> {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: ENTRIES.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY })),
    outbase: '.',
    outdir: into,
    bundle: true,
    external: ['koffi'], // its native half is found from its own place
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // packages in the form of CommonJS ask for Node's own modules by `require`
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    sourcemap: 'linked',
    sourcesContent: false,
    sourceRoot: PLACE,
    plugins: [keepPlace],
    logLevel: 'silent',
  });
}

/** A source that asks where it lies is told where it lay. */
const keepPlace: Plugin = {
  name: 'keep-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const place = join(PLACE, relative(REPOSITORY, path));
      const contents = readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(place)))
        .replaceAll('import.meta.url', JSON.stringify(`file://${place}`))
        .replaceAll('import.meta.main', 'false');
      return { contents, loader: 'ts' };
    });
  },
};
