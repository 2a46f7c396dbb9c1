/**
 * `node test/bench/in-cluster.ts [KERNEL]`: what the agent takes of a node that is in a cluster, as the bundle, with a
 * real API server beside a guest whose clock counts instructions. Nothing is asserted.
 */
import { assert } from '#std';
import { isKernelName, KERNEL_NAMES, provideTools, SERVER, startGuest } from '../lab/index.ts';
import { CLUSTER_VARIABLE, openToGuest } from '../peers/index.ts';
import { runStep } from '../runner/steps.ts';

const TIMEOUT_SECONDS = 1_800;

const [kernel = '6.12'] = process.argv.slice(2);
assert(isKernelName(kernel), `kernels are ${KERNEL_NAMES.join(', ')}`);
await provideTools('build', console.error);
await runStep({ name: 'the bundle', argv: [process.execPath, 'src/bundle/build.ts'] });
await provideTools('lab', console.error);

using guest = await startGuest({ kernel, exact: true });
const { server, told } = await openToGuest(`https://${SERVER.address}:${SERVER.port}`);
try {
  await guest.reach(Number(new URL(server.url).port));
  const { status } = await guest.run(['node', 'test/bench/in-cluster-inside.ts'], {
    env: { [CLUSTER_VARIABLE]: JSON.stringify(told) },
    timeoutSeconds: TIMEOUT_SECONDS,
    onOutput: (chunk, stream) => process[stream].write(chunk),
  });
  process.exitCode = status ?? 1;
} finally {
  await server.stop();
}
