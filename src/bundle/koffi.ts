/**
 * Stands in for koffi's own loader in the bundle: its native half lies beside the program and is looked for nowhere else.
 * The loader would also look three folders above the program, and what is found there would run as root.
 */
import { createRequire } from 'node:module';

const native: unknown = createRequire(import.meta.url)('./koffi.node');

export default native;
