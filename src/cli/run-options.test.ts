/** The flags of `ringfence run`: what is typed comes to be settings, and the usage text has every option. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flags, loadSettings } from '#config';
import { runCommand } from './run-options.ts';

async function settingsOf(...argv: readonly string[]) {
  let given: Flags | undefined;
  const command = runCommand(async (flags) => {
    given = flags;
  });
  await command.configureOutput({ writeErr: () => undefined }).parseAsync(argv, { from: 'user' });
  const { settings, diagnostics } = await loadSettings({
    flags: { config: '', configDir: '', ...given },
    environment: {},
  });
  assert.deepEqual(diagnostics, []);
  return settings;
}

test('flags with values, without, several times, and by other names', async () => {
  const settings = await settingsOf(
    ...['-p', 'a.yaml', 'b.yaml', '--policy', 'c.yaml', '--detect', '--strict', 'false', '-o', 'json'],
    ...['--event', 'process_exec,LSM', '--event', 'exit', '--nats', 'nats://x:1', '--kprobes', '/k'],
    ...['--export-filename', '/var/log/x', '--start-guard', '0'],
  );
  const { tracingPolicy, detect, strict, output, event, nats, bpfLib, exportFilename, startGuard } = settings;
  assert.deepEqual(
    { tracingPolicy, detect, strict, output, event, nats, bpfLib, exportFilename, startGuard },
    {
      tracingPolicy: ['a.yaml', 'b.yaml', 'c.yaml'],
      ...{ detect: true, strict: false, output: 'json', event: ['exec', 'lsm', 'exit'], nats: ['nats://x:1'] },
      ...{ bpfLib: '/k', exportFilename: '/var/log/x', startGuard: 0 },
    },
  );
});

test('an unknown flag is refused', async () => {
  await assert.rejects(settingsOf('--no-such-option'), { code: 'commander.unknownOption' });
});

test('the usage text has every option with its default', () => {
  const text = runCommand(async () => undefined).helpInformation();
  assert.match(text, /-p, --tracing-policy <file\.\.\.>\s+policy file, or directory of them \(also --policy\)/);
  assert.match(text, /--export-file-max-backups <number>\s+how many rotated files are kept \(default: 5\)/);
  assert.match(text, /--detect \[true\|false\]/);
  assert.doesNotMatch(text, /^\s+--policy /m);
});
