/** Commands load what they need: an offline one neither agent nor NATS nor the control socket, nor the kernel's library. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'policies/examples/quickstart.yaml');
const target = join(root, 'test/targets/6.12.target');
const nowhere = '/nonexistent/control.sock';

/** Told of by a hook of the loader, on the descriptor 3. */
const SPY = `
import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({
  load(url, context, next) {
    writeSync(3, url + '\\n');
    return next(url, context);
  },
});
`;

function modulesOf(args: readonly string[]): { readonly modules: readonly string[]; readonly status: number | null } {
  const spy = `data:text/javascript,${encodeURIComponent(SPY)}`;
  const { output, status } = spawnSync(process.execPath, ['--import', spy, join(root, 'src/cli/main.ts'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  return { modules: (output[3] ?? '').split('\n').filter((each) => each !== ''), status };
}

const AGENT = /\/src\/agent(?:\.ts$|\/)/;
const NATS = /@nats-io/;
const CONTROL = /\/src\/control\//;
const SENSORS = /\/src\/sensors\//;
const EVENTS = /\/src\/events\//;
const KERNEL = /\/src\/kernel\/|koffi/;
const LOGGER = /\/pino\//;
const KUBERNETES = /\/src\/kubernetes\//;

const offline = [AGENT, NATS, CONTROL, SENSORS, EVENTS, LOGGER, KUBERNETES];

const table: readonly (readonly [args: readonly string[], status: number, absent: readonly RegExp[]])[] = [
  [['--version'], 0, [...offline, KERNEL]],
  [['policy', 'check', '--target', target, example], 0, [...offline, KERNEL]],
  [['policy', 'explain', '--target', target, example], 0, [...offline, KERNEL]],
  [['policy', 'compile', '--target', target, example], 0, [...offline, KERNEL]],
  [['policy', 'list', '--control-socket', nowhere], 1, [AGENT, NATS, SENSORS, EVENTS, LOGGER, KUBERNETES, KERNEL]],
  [['status', '--control-socket', nowhere], 1, [AGENT, NATS, SENSORS, EVENTS, LOGGER, KUBERNETES, KERNEL]],
  [['events', '--control-socket', nowhere], 1, [AGENT, NATS, SENSORS, EVENTS, LOGGER, KUBERNETES, KERNEL]],
];

for (const [args, status, absent] of table) {
  test(`ringfence ${args.slice(0, 2).join(' ')}`, () => {
    const found = modulesOf(args);
    assert.equal(found.status, status);
    assert.ok(found.modules.some((each) => each.endsWith('/src/cli/main.ts')));
    for (const pattern of absent) {
      const loaded = found.modules.filter((each) => pattern.test(each));
      assert.deepEqual(loaded, [], `${pattern}`);
    }
  });
}

test('the spy sees what is loaded', () => {
  const { modules } = modulesOf(['policy', 'list', '--control-socket', nowhere]);
  assert.ok(modules.some((each) => CONTROL.test(each)));
});
