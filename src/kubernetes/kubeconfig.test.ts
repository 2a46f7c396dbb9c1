/** Kubeconfigs and service accounts: what an agent can use, and why it refuses the rest. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EnvironmentError } from '#diagnostics';
import { readAccess } from './access.ts';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-kubeconfig-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'config');
const base64 = (text: string) => Buffer.from(text).toString('base64');

function config(cluster: object, user: object, context = 'here'): string {
  return JSON.stringify({
    'current-context': context,
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  });
}

function read(text: string) {
  writeFileSync(path, text);
  return readAccess({ kind: 'kubeconfig', path });
}

const server = 'https://api.example:6443';

test('content inside, and content in files beside it', () => {
  const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
  const inside = read(config({ server, 'certificate-authority-data': base64('CA'), 'tls-server-name': 'api' }, user));
  assert.deepEqual(inside, {
    server: new URL(server),
    authority: 'CA',
    serverName: 'api',
    token: undefined,
    certificate: { certificate: 'CERT', key: 'KEY' },
  });
  writeFileSync(join(directory, 'ca.pem'), 'CA2');
  writeFileSync(join(directory, 'token'), 'secret\n');
  const beside = read(config({ server, 'certificate-authority': 'ca.pem' }, { tokenFile: 'token', token: 'other' }));
  assert.deepEqual([beside.authority, beside.token], ['CA2', 'secret']);
});

test('a kubeconfig may be YAML', () => {
  const yaml = `
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
clusters:
  - name: c
    cluster: {server: "${server}"}
users:
  - name: u
    user: {token: abc}
`;
  assert.equal(read(yaml).token, 'abc');
});

for (const [name, text, reason] of [
  ['no YAML', '{', 'RF6002'],
  ['another context', config({ server }, {}, 'there'), 'names no cluster and user'],
  ['no encryption', config({ server: 'http://api.example' }, {}), 'not an https:// address'],
  ['nobody checks who it is', config({ server, 'insecure-skip-tls-verify': true }, {}), 'insecure-skip-tls-verify'],
  ['a plugin', config({ server }, { exec: { command: 'aws' } }), 'credentials plugin'],
  ['a password', config({ server }, { username: 'a', password: 'b' }), 'password'],
  ['a proxy', config({ server, 'proxy-url': 'http://p' }, {}), 'HTTPS_PROXY'],
  ['a file that is not there', config({ server, 'certificate-authority': 'gone.pem' }, {}), 'gone.pem'],
  ['aliases without end', `a: &a [x]\nb: [*a, *a]`, 'RF6002'],
] as const) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => read(text),
      (error) =>
        error instanceof EnvironmentError && error.code === 'RF6002' && `RF6002 ${error.message}`.includes(reason),
    );
  });
}

test('a pod is who its service account is', () => {
  const account = join(directory, 'account');
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const place = { kind: 'pod', directory: account, environment } as const;
  assert.throws(() => readAccess(place), { code: 'RF6001' });
  mkdirSync(account);
  writeFileSync(join(account, 'ca.crt'), 'CA');
  writeFileSync(join(account, 'token'), 'first');
  const access = readAccess(place);
  assert.deepEqual([access.server.href, access.authority, access.token], ['https://[fd00::1]/', 'CA', 'first']);
  writeFileSync(join(account, 'token'), 'second');
  assert.equal(readAccess(place).token, 'second');
  assert.throws(() => readAccess({ ...place, environment: {} }), { code: 'RF6001' });
});
