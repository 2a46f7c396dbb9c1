/** Builds what tests of the Kubernetes side need, ahead of them: minutes the first time. */
import { provideHelm } from '../chart/helm.ts';
import { provideApiServer } from './programs.ts';

for (const provide of [provideApiServer, provideHelm]) {
  const start = performance.now();
  console.log(`${await provide()} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
}
