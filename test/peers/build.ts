/** Builds what tests of the Kubernetes side need, ahead of them: a few minutes the first time. */
import { provideApiServer } from './programs.ts';

const start = performance.now();
console.log(`${await provideApiServer()} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
