/** Policies that the kernel has demoted, because they have spent their kill budget: told once, when it is seen. */
import type { Event } from '#events';
import { killBudgetText } from '#policy';
import type { BootClock } from '#process';
import type { PolicySensor } from '#sensors';
import type { Log } from './options.ts';

export type KillBudgetPorts = {
  readonly nodeName: string;
  readonly sensor: Pick<PolicySensor, 'takeDemoted'>;
  readonly clock: BootClock;
  readonly publish: (event: Event) => void;
  readonly log: Log;
};

export function tellDemoted({ nodeName, sensor, clock, publish, log }: KillBudgetPorts): void {
  for (const { policy, sinceNs } of sensor.takeDemoted()) {
    const { name: policyName, namespace } = policy;
    const killBudget = policy.killBudget === undefined ? '' : killBudgetText(policy.killBudget);
    const timeNs = clock.wallNs(sinceNs);
    publish({ kind: 'demotion', nodeName, timeNs, policyName, namespace, killBudget });
    const hint = `look at what it killed, then set it again: ringfence policy mode ${policyName} enforce`;
    log(
      'warn',
      { policy: policyName, namespace, killBudget, hint },
      'the kill budget is spent: the policy only watches',
    );
  }
}
