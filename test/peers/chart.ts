/** What the chart brings to a cluster that tests need without helm: our definitions, and the rights of the agent. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ApiServer } from './api-server.ts';

const CHART = join(import.meta.dirname, '../../charts/ringfence');
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SERVED_MS_MAX = 60_000;
const POLL_MS = 20;

type Definition = {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly [{ readonly name: string }];
  };
};

/** Returns when all of them are served. */
export async function installDefinitions({ admin }: ApiServer): Promise<void> {
  for (const file of globSync('files/crds/*.yaml', { cwd: CHART })) {
    const definition = parse(readFileSync(join(CHART, file), 'utf8')) as Definition;
    await admin.create(DEFINITIONS, definition);
    const { group, names, versions } = definition.spec;
    const served = `/apis/${group}/${versions[0].name}/${names.plural}`;
    for (
      const end = performance.now() + SERVED_MS_MAX;
      (await admin.get(served)).status !== 200;
      await sleep(POLL_MS)
    ) {
      if (performance.now() > end) throw new Error(`the API server does not serve ${served}`);
    }
  }
}

/** Of the agent. Nothing of them is left to the values of the chart. */
export function rulesOfChart(): readonly object[] {
  const text = readFileSync(join(CHART, 'templates/rbac.yaml'), 'utf8');
  const rules = /^rules:\n(?<list>(?: .*\n)+)---$/m.exec(text)?.groups?.list;
  return parse(rules ?? '') as readonly object[];
}
