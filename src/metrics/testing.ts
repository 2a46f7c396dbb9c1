/** Test support: numbers of an agent, and the text of metrics as a strict reader has it. */
import assert from 'node:assert/strict';
import type { AgentNumbers } from './numbers.ts';

export const numbers: AgentNumbers = {
  version: '0.1.0',
  kernelRelease: '6.12.1',
  enforcement: 'enforce',
  policies: [],
  events: { exec: 3, loss: 1 },
  records: { read: 9, malformed: 0, unknownPolicy: 1 },
  rings: [{ name: 'verdict', bytes: 65_536, waitingBytes: 128 }],
  losses: [
    { stage: 'ring', count: 7 },
    { stage: 'nats', count: 2 },
  ],
  sinks: [{ name: 'nats', up: false, refused: 4, undelivered: 5 }],
  kernel: { scratchRefused: 1, pathUnstable: 2, processLate: 3, processRefused: 4 },
  skippedCalls: new Map([['fentry/tcp_connect', 12n]]),
  control: { connections: 1, connectionsRefused: 0, subscribers: 2, eventsLost: 6 },
  containers: undefined,
  cluster: undefined,
  process: { startedSeconds: 1_700_000_000, cpuSeconds: 1.5, residentBytes: 1 << 27 },
};

type Policy = AgentNumbers['policies'][number];

export function policy(name: string, more: Partial<Policy> = {}): Policy {
  const counts = { matches: 5, posted: 4, killed: 1, denied: 2, monitored: 0, unreadable: 0 };
  return {
    ...{ name, namespace: undefined, source: `${name}.yaml`, origin: 'control', state: 'loaded', mode: 'enforce' },
    ...{ demoted: false, hooks: [], memoryBytes: 4096, diagnostics: [] },
    counts: { ...counts, signalled: 0, returnLost: 0, spared: 0 },
    ...more,
  };
}

export type Read = {
  /** By name. */
  readonly types: ReadonlyMap<string, string>;
  /** By name and labels, as they stand. */
  readonly samples: ReadonlyMap<string, number>;
};

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(\\{(?:${LABEL}(?:,${LABEL})*)?\\})? (-?[0-9.e+-]+|\\+Inf|NaN)$`);

/** Every line has to be one that the format knows, and every sample to follow the type of its metric. */
export function readText(text: string): Read {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  assert.ok(text.endsWith('\n'));
  for (const line of text.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      assert.ok(!types.has(typed), `${typed} is declared once`);
      types.set(typed, type);
    } else if (line !== '' && !line.startsWith('# HELP ')) {
      const [, name = '', labels = '', value] = SAMPLE.exec(line) ?? assert.fail(`no such line: ${line}`);
      assert.ok(types.has(name) || types.has(name.replace(/_(bucket|sum|count)$/, '')), `${name} has a type`);
      assert.ok(!samples.has(name + labels), `${name}${labels} is there once`);
      samples.set(name + labels, Number(value));
    }
  }
  return { types, samples };
}
