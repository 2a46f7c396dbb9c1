/** The systemd unit: what systemd says of it, and that it gives the agent the directories that are its defaults. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '#config';
import { serviceCapabilities } from './kernel/harness/capabilities.ts';

const unit = readFileSync(join(import.meta.dirname, '../charts/systemd/ringfence.service'), 'utf8');
const { settings } = await loadSettings({ flags: { config: '', configDir: '' }, environment: {} });

/** What is set to be there, by the directory that systemd puts it below. */
const directories = [
  ['StateDirectory', '/var/lib', settings.stateDir],
  ['RuntimeDirectory', '/run', settings.runDir],
  ['ConfigurationDirectory', '/etc', join(settings.tracingPolicyDir, '..')],
] as const;

for (const [key, below, expected] of directories) {
  test(`unit: ${key} is where the agent looks by default`, () => {
    const name = new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];
    assert.equal(`${below}/${name}`, expected);
  });
}

test('unit: its capabilities are those that test/kernel/service-unit.test.ts runs the agent with', () => {
  const names = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.split(' ');
  assert.deepEqual(names, Object.keys(serviceCapabilities));
});

test('unit: systemd finds nothing wrong with it', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-unit-'));
  try {
    // The program is not installed where the tests run.
    const file = join(directory, 'ringfence.service');
    writeFileSync(file, unit.replace('ExecStart=/usr/bin/ringfence', 'ExecStart=/bin/true'));
    const { error, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    if (error !== undefined) return context.skip('no systemd-analyze');
    assert.equal(stdout + stderr, '');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
