/** The way in from the sources. What is imported before the cache is on is compiled at every start, hence nothing is. */
import { join } from 'node:path';
import { keepCompiled } from './compile-cache.ts';

/** Beside the dependencies: who can write there can change what is run anyway. */
keepCompiled(join(import.meta.dirname, '../../node_modules/.ringfence'));
await import('./main.ts');
