/** Every code there is, with its severity and the sentences it prints; the page of codes is made from it. */
import { clusterCatalogue } from './catalogue-cluster.ts';
import { compilerCatalogue } from './catalogue-compiler.ts';
import { configurationCatalogue } from './catalogue-configuration.ts';
import { containersCatalogue } from './catalogue-containers.ts';
import { deliveryCatalogue } from './catalogue-delivery.ts';
import { kernelCatalogue } from './catalogue-kernel.ts';
import { kubernetesCatalogue } from './catalogue-kubernetes.ts';
import { policyCatalogue } from './catalogue-policy.ts';

export type Severity = 'error' | 'warning';

/**
 * `message` and `hint` are sentences with `{name}` places that the parameters of the diagnostic fill.
 * A code, once published, keeps its meaning; a code that is no longer used is not given out again.
 */
export type Entry = { readonly severity: Severity; readonly message: string; readonly hint: string };

export const catalogue = {
  ...policyCatalogue,
  ...compilerCatalogue,
  ...kernelCatalogue,
  ...clusterCatalogue,
  ...containersCatalogue,
  ...deliveryCatalogue,
  ...configurationCatalogue,
  ...kubernetesCatalogue,
} as const satisfies Record<string, Entry>;

export type Code = keyof typeof catalogue;
