/** The checked-in validator is the one that the schema makes, and needs nothing else when it runs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the validator is current', () => {
  const script = fileURLToPath(new URL('generate.ts', import.meta.url));
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});

test('the validator imports nothing and generates no code', () => {
  const code = readFileSync(new URL('validator.gen.js', import.meta.url), 'utf8');
  assert.doesNotMatch(code, /\brequire\(|^import |\bimport\(|new Function|\beval\(/m);
});
