/** An authority of the test's own, and what it signs: the server's certificate, and one for each user. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '../lab/command.ts';

/** Who one is: a client certificate says it, with the name as common name and the groups as organisations. */
export type Identity = { readonly name: string; readonly groups?: readonly string[] };

export type KeyPair = { readonly certificate: string; readonly key: string };

const DAYS = '2';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
/** 10.0.2.2 is this machine as a guest with a user network sees it. */
const SERVER_NAMES = 'DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.2.2';

export class Authority {
  readonly #directory: string;
  readonly certificate: string;
  readonly #key: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.certificate = join(directory, 'ca.pem');
    this.#key = join(directory, 'ca.key');
  }

  static async create(directory: string): Promise<Authority> {
    const authority = new Authority(directory);
    const files = ['-keyout', authority.#key, '-out', authority.certificate];
    await execute(['openssl', 'req', '-x509', ...NEW_KEY, '-days', DAYS, '-subj', '/CN=ringfence test', ...files]);
    return authority;
  }

  server(): Promise<KeyPair> {
    return this.#sign('server', '/CN=kube-apiserver', [`subjectAltName=${SERVER_NAMES}`]);
  }

  client({ name, groups = [] }: Identity): Promise<KeyPair> {
    const subject = [...groups.map((group) => `/O=${escaped(group)}`), `/CN=${escaped(name)}`].join('');
    return this.#sign(`user-${name.replaceAll(/[^\w.-]/g, '_')}`, subject, ['extendedKeyUsage=clientAuth']);
  }

  /** A key pair that signs tokens of service accounts. */
  async tokens(): Promise<KeyPair> {
    const pair = this.#files('tokens');
    await execute(['openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', pair.key]);
    await execute(['openssl', 'pkey', '-in', pair.key, '-pubout', '-out', pair.certificate]);
    return pair;
  }

  async #sign(name: string, subject: string, extensions: readonly string[]): Promise<KeyPair> {
    const pair = this.#files(name);
    const signed = ['-CA', this.certificate, '-CAkey', this.#key, '-days', DAYS];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const files = ['-keyout', pair.key, '-out', pair.certificate];
    await execute(['openssl', 'req', '-x509', ...NEW_KEY, ...signed, '-subj', subject, ...added, ...files]);
    return pair;
  }

  #files(name: string): KeyPair {
    return { certificate: join(this.#directory, `${name}.pem`), key: join(this.#directory, `${name}.key`) };
  }

  /** A kubeconfig with everything inside: it can be carried to another machine. */
  writeKubeconfig(path: string, server: string, user: KeyPair | { readonly tokenFile: string }): void {
    const inline = (file: string) => readFileSync(file).toString('base64');
    const credentials =
      'tokenFile' in user
        ? user
        : { 'client-certificate-data': inline(user.certificate), 'client-key-data': inline(user.key) };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': inline(this.certificate) } }],
      users: [{ name: 'user', user: credentials }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
      'current-context': 'test',
    };
    writeFileSync(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  }
}

/** Between the slashes of a subject. */
function escaped(text: string): string {
  return text.replaceAll(/[\\/+]/g, '\\$&');
}
