/** Scripts of this folder that tests start as processes of their own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './agent.ts';

/** Bundled where there is such, see test/lab/test-bundle.ts. */
export function harnessScript(name: 'guarded' | 'subscriber'): string {
  const bundled = join(repository, 'bundled/test/kernel/harness', `${name}.js`);
  return existsSync(bundled) ? bundled : join(import.meta.dirname, `${name}.ts`);
}
