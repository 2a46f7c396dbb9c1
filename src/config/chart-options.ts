/** What the chart takes as options of the agent, in the schema of its values: the same that the agent knows. */
import { optionNames, optionOf } from './schema.ts';

/** The chart says these itself: they have to fit to what it mounts. */
const OF_THE_CHART: readonly string[] = [
  ...['run-dir', 'state-dir', 'bpf-dir', 'bpf-lib', 'control-socket', 'node-name'],
  ...['node-root', 'nri-socket', 'enable-k8s-api', 'metrics-server'],
];

/** The text of values.schema.json with the options that there are now. */
export function chartSchema(text: string): string {
  const schema = JSON.parse(text) as { $defs: Record<string, unknown> };
  const names = optionNames.filter((name) => optionOf(name).locating !== true && !OF_THE_CHART.includes(name));
  schema.$defs.options = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: '#/$defs/option' }])),
  };
  schema.$defs.option = { type: ['string', 'number', 'boolean', 'array'], items: { type: 'string' } };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
