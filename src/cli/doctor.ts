/** `ringfence doctor`: what this machine can do, found out by trying. */
import { FEATURES, type FeatureName } from '#bpf';
import { FEATURES_NEEDED, probeTarget, requireFeatures } from '#kernel';
import { inspectNetwork } from '#network';
import { EXIT, reportError } from './exit.ts';
import { networkText } from './network-text.ts';
import { saveTarget } from './saved-target.ts';

export type DoctorOptions = {
  readonly json?: boolean;
  readonly saveTarget?: string;
  readonly bpfDir: string;
};

/** Exit code 0 when policies can be enforced here, 1 when something is missing. */
export function doctor(options: DoctorOptions): number {
  const network = inspectNetwork({ pins: options.bpfDir }); // before there are programs that probe
  const target = probeTarget();
  if (options.saveTarget !== undefined) saveTarget(options.saveTarget, target);
  const ready = FEATURES_NEEDED.every((name) => target.features[name].kind === 'yes');
  if (options.json) {
    const { arch, release, features } = target;
    process.stdout.write(`${JSON.stringify({ ready, arch, release, features, network })}\n`);
    return ready ? EXIT.ok : EXIT.environment;
  }
  process.stdout.write(`kernel ${target.release} on ${target.arch}\n`);
  for (const name of Object.keys(FEATURES) as FeatureName[]) {
    const state = target.features[name];
    const reason = state.kind === 'yes' ? '' : `: ${state.reason}`;
    process.stdout.write(`  ${state.kind.padEnd(8)}${name.padEnd(18)}${FEATURES[name]}${reason}\n`);
  }
  process.stdout.write(`\n${networkText(network)}\n`);
  try {
    requireFeatures(target, FEATURES_NEEDED);
    process.stdout.write('policies can be enforced on this machine\n');
    return EXIT.ok;
  } catch (error) {
    return reportError(error);
  }
}
