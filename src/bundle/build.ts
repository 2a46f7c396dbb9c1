/** `npm run build`: BPF objects and bundle anew, in dist/. */
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build as buildObjects } from '../../kprobes/build.ts';
import { bundle } from './bundle.ts';

const DIST = join(import.meta.dirname, '../../dist');

buildObjects();
const aside = mkdtempSync(`${DIST}.`); // so that nobody runs half a bundle
try {
  const { packages, scripts } = await bundle(aside);
  chmodSync(aside, 0o755);
  rmSync(DIST, { recursive: true, force: true });
  renameSync(aside, DIST);
  console.log(
    `dist: ${scripts.size} scripts, ${packages.length} packages inside; \`npm pack ./dist\` makes the tarball`,
  );
} finally {
  rmSync(aside, { recursive: true, force: true });
}
