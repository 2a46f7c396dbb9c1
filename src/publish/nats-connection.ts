/** One connection to NATS: addresses, login, encryption, and the reason in plain words when there is none. */
import { readFileSync } from 'node:fs';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
} from '@nats-io/transport-node';
import { EnvironmentError } from '#diagnostics';
import { known } from '#std';

export type NatsServer = {
  /** `nats://` or `tls://`, with `user:password@` where the server asks for it. */
  readonly servers: readonly string[];
  /** A .creds file. */
  readonly credentialsFile?: string | undefined;
  /** The authority that signed the server's certificate, when it is not a public one. */
  readonly tlsAuthorityFile?: string | undefined;
  readonly tlsCertificateFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  /** How the server lists this connection. */
  readonly name: string;
};

const DIAL_MS_MAX = 5000;
/** Room for the headers of a message, which count as payload. */
export const HEADER_BYTES_MAX = 2048;
/** With less not even what tells of losses would get through: nobody would hear that nothing does. */
const PAYLOAD_BYTES_MIN = HEADER_BYTES_MAX + 2048;
/** Two unanswered pings end the connection: a dead link is noticed within 15 s, not within minutes. */
const PING_MS = 5000;
const PINGS_OUT_MAX = 2;

/**
 * Connects to the first address that answers. The client never reconnects by itself: while it is away from the server
 * it would buffer without a bound, and throw that buffer away when it is back.
 */
export async function connectOnce(server: NatsServer): Promise<NatsConnection> {
  const addresses = server.servers.map(parseAddress);
  if (addresses.length === 0) throw new EnvironmentError('RF4001', { server: '(none)' });
  const failures: EnvironmentError[] = [];
  for (const address of shuffled(addresses)) {
    try {
      return await dial(server, address);
    } catch (error) {
      failures.push(connectError(server, error));
    }
  }
  // A server that answered and refused says more than one that was not there.
  throw failures.find((each) => each.code !== 'RF4002') ?? known(failures[0], 'the failure of an address');
}

async function dial(server: NatsServer, address: URL): Promise<NatsConnection> {
  const connection = await connect(connectionOptions(server, address));
  const { headers, max_payload: limit = PAYLOAD_BYTES_MIN } = connection.info ?? {};
  if (headers && limit >= PAYLOAD_BYTES_MIN) return connection;
  await connection.close();
  const servers = serversText(server);
  if (!headers) throw new EnvironmentError('RF4007', { servers });
  throw new EnvironmentError('RF4501', { servers, limit: String(limit), least: PAYLOAD_BYTES_MIN });
}

/** The addresses without their passwords. */
function serversText(server: NatsServer): string {
  return server.servers.map(withoutLogin).join(', ');
}

/** The nodes of a cluster do not all choose the same server. */
function shuffled(addresses: readonly URL[]): URL[] {
  const first = Math.floor(Math.random() * addresses.length);
  return [...addresses.slice(first), ...addresses.slice(0, first)];
}

function connectionOptions(server: NatsServer, address: URL): ConnectionOptions {
  const { credentialsFile, tlsAuthorityFile } = server;
  const encrypted = address.protocol === 'tls:' || tlsAuthorityFile !== undefined;
  return {
    servers: address.host,
    name: server.name,
    timeout: DIAL_MS_MAX,
    reconnect: false,
    pingInterval: PING_MS,
    maxPingOut: PINGS_OUT_MAX,
    ...(address.username === '' ? {} : login(address)),
    ...(credentialsFile === undefined ? {} : { authenticator: credsAuthenticator(readFile(credentialsFile)) }),
    ...(encrypted ? { tls: tlsOptions(server, address) } : {}),
  };
}

function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const named = url !== undefined && (url.protocol === 'nats:' || url.protocol === 'tls:') && url.hostname !== '';
  if (!named || (url.pathname !== '' && url.pathname !== '/')) {
    throw new EnvironmentError('RF4001', { server: withoutLogin(text) });
  }
  return url;
}

function login(url: URL): Partial<ConnectionOptions> {
  const user = decodeURIComponent(url.username);
  return url.password === '' ? { token: user } : { user, pass: decodeURIComponent(url.password) };
}

/** `host` is Node's: without it the certificate of a server that is addressed by number is compared with "localhost". */
type TlsOptions = NonNullable<ConnectionOptions['tls']> & { readonly host: string };

function tlsOptions(server: NatsServer, address: URL): TlsOptions {
  const { tlsAuthorityFile, tlsCertificateFile, tlsKeyFile } = server;
  return {
    host: address.hostname.replaceAll(/[[\]]/g, ''),
    ...(tlsAuthorityFile === undefined ? {} : { ca: readText(tlsAuthorityFile) }),
    ...(tlsCertificateFile === undefined ? {} : { cert: readText(tlsCertificateFile) }),
    ...(tlsKeyFile === undefined ? {} : { key: readText(tlsKeyFile) }),
  };
}

function readText(path: string): string {
  return new TextDecoder().decode(readFile(path));
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EnvironmentError('RF4005', { path, reason: reasonText(error) }, { cause: error });
  }
}

function connectError(server: NatsServer, error: unknown): EnvironmentError {
  if (error instanceof EnvironmentError) return error;
  const parameters = { servers: serversText(server), reason: reasonText(error) };
  return new EnvironmentError(connectCode(error), parameters, { cause: error });
}

function connectCode(error: unknown): 'RF4002' | 'RF4003' | 'RF4004' {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return 'RF4003';
  }
  // Node names certificate errors by OpenSSL's code, and protocol errors ERR_SSL or ERR_TLS.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SSL|TLS|SIGNATURE/.test(code) ? 'RF4004' : 'RF4002';
}

export function reasonText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function withoutLogin(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//');
}
