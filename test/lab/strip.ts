/**
 * `node strip.ts FOLDER`: strips the types from every `.ts` file of a copied tree, in place and under the same name,
 * so that guests need not. Every position in the file stays where it was. A script of its own, because Node warns
 * of this function and a flag for a whole process silences that.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const [folder = ''] = process.argv.slice(2);
for (const path of globSync('**/*.ts', { cwd: folder, exclude: (name) => name === 'node_modules' })) {
  const file = join(folder, path);
  writeFileSync(file, stripTypeScriptTypes(readFileSync(file, 'utf8')));
}
