/** Arguments in the JSON form of the events API: fields in the order of their numbers, zeros left out. */
import { socketFlag } from '#abi';
import { base64 } from '#process';
import { assertNever } from '#std';
import { capabilityName, credentialsJson } from './credentials-json.ts';
import { quote } from './escape.ts';
import type { EventArgument, PathArgument } from './event-argument.ts';
import { familyName, protocolName, socketTypeName, stateName } from './network-names.ts';
import { permissionText } from './permission.ts';
import type { IdentityFacts, SocketFacts } from './record.ts';

export function argumentJson(argument: EventArgument): string {
  const label = argument.label === undefined ? '' : `,"label":${quote(argument.label)}`;
  return `{"${argument.kind}":${valueJson(argument)}${label}}`;
}

function valueJson(argument: EventArgument): string {
  switch (argument.kind) {
    case 'int_arg':
      return String(BigInt.asIntN(32, argument.value));
    case 'uint_arg':
      return String(BigInt.asUintN(32, argument.value));
    case 'long_arg':
      return `"${BigInt.asIntN(64, argument.value)}"`;
    case 'size_arg':
      return `"${BigInt.asUintN(64, argument.value)}"`;
    case 'capability_arg': {
      const name = capabilityName(argument.number);
      return name === undefined ? `{"value":${argument.number}}` : `{"value":${argument.number},"name":"${name}"}`;
    }
    case 'syscall_id':
      return object(numberJson('id', argument.id), `,"abi":"${argument.abi}"`);
    case 'string_arg':
      return quote(argument.text.text);
    case 'bytes_arg':
      return `"${base64(argument.bytes)}"`;
    case 'truncated_bytes_arg': {
      const bytes = argument.bytes.length === 0 ? '' : `,"bytes_arg":"${base64(argument.bytes)}"`;
      return object(bytes, `,"orig_size":"${argument.size}"`);
    }
    case 'file_arg':
    case 'path_arg':
    case 'linux_binprm_arg':
      return pathJson(argument);
    case 'sock_arg':
      return sockJson(argument.socket);
    case 'skb_arg':
      return packetJson(argument.socket);
    case 'sockaddr_arg':
      return addressJson(argument.socket);
    case 'process_credentials_arg':
      return identityJson(argument.identity);
    case 'error_arg':
      return `{"Message":${quote(argument.message)}}`;
    default:
      return assertNever(argument);
  }
}

function pathJson({ path, flags, mode }: PathArgument): string {
  const permission = mode === 0 ? '' : `,"permission":"${permissionText(mode)}"`;
  return `{"path":${quote(path.text)}${wordJson('flags', flags)}${permission}}`;
}

function sockJson(socket: SocketFacts): string {
  const { family, type, mark, priority, cookie, state } = socket;
  return object(
    `,"family":"${familyName(family)}"`,
    type === 0 ? '' : `,"type":"${socketTypeName(type)}"`,
    protocolJson(socket),
    numberJson('mark', mark),
    numberJson('priority', priority),
    endsJson(socket),
    cookie === 0n ? '' : `,"cookie":"${cookie}"`,
    socket.flags & socketFlag.state ? `,"state":"${stateName(state)}"` : '',
  );
}

function packetJson(socket: SocketFacts): string {
  const { length, priority, mark, protocol, family, flags } = socket;
  return object(
    numberJson('len', length),
    numberJson('priority', priority),
    numberJson('mark', mark),
    endsJson(socket),
    flags & socketFlag.protocol ? numberJson('proto', protocol) : '',
    protocolJson(socket),
    `,"family":"${familyName(family)}"`,
  );
}

function addressJson({ family, source, sourcePort, flags }: SocketFacts): string {
  return object(
    `,"family":"${familyName(family)}"`,
    flags & socketFlag.addresses ? wordJson('addr', source) : '',
    flags & socketFlag.ports ? numberJson('port', sourcePort) : '',
  );
}

function endsJson({ flags, source, destination, sourcePort, destinationPort }: SocketFacts): string {
  const addresses = flags & socketFlag.addresses ? `${wordJson('saddr', source)}${wordJson('daddr', destination)}` : '';
  if (!(flags & socketFlag.ports)) return addresses;
  return `${addresses}${numberJson('sport', sourcePort)}${numberJson('dport', destinationPort)}`;
}

function protocolJson({ flags, protocol }: SocketFacts): string {
  return flags & socketFlag.protocol ? `,"protocol":"${protocolName(protocol)}"` : '';
}

/** User namespaces are counted from the host's, which is the only one of level 0. */
function identityJson({ credentials, userNamespace }: IdentityFacts): string {
  const { level, uid, gid, inum } = userNamespace;
  const namespace = object(numberJson('inum', inum), level === 0 ? ',"is_host":true' : '');
  const owner = `"level":${level},"uid":${uid},"gid":${gid}`;
  return credentialsJson(credentials, `,"user_ns":{${owner},"ns":${namespace}}`);
}

/** Words need no escapes: they are our own. */
function wordJson(name: string, word: string): string {
  return word === '' ? '' : `,"${name}":"${word}"`;
}

function numberJson(name: string, number: number): string {
  return number === 0 ? '' : `,"${name}":${number}`;
}

/** Members, each after a comma. */
function object(...members: readonly string[]): string {
  return `{${members.join('').slice(1)}}`;
}
