/** Arguments as words of a compact line. */
import { socketFlag } from '#abi';
import { decodeText } from '#process';
import { assertNever } from '#std';
import { capabilityName } from './credentials-json.ts';
import { compactWord } from './escape.ts';
import type { EventArgument } from './event-argument.ts';
import { familyName, protocolName } from './network-names.ts';
import type { SocketFacts } from './record.ts';

/** Of a buffer a line shows as much; the JSON has all of it. */
const BUFFER_BYTES_SHOWN = 64;

export function argumentText(argument: EventArgument): string {
  switch (argument.kind) {
    case 'int_arg':
    case 'long_arg':
      return String(BigInt.asIntN(argument.kind === 'int_arg' ? 32 : 64, argument.value));
    case 'uint_arg':
    case 'size_arg':
      return String(BigInt.asUintN(argument.kind === 'uint_arg' ? 32 : 64, argument.value));
    case 'capability_arg':
      return capabilityName(argument.number) ?? String(argument.number);
    case 'syscall_id':
      return `${argument.abi}/${argument.id}`;
    case 'string_arg':
      return `${compactWord(argument.text.text)}${argument.truncated ? '…' : ''}`;
    case 'bytes_arg':
    case 'truncated_bytes_arg':
      return bufferText(argument.bytes, argument.size);
    case 'error_arg':
      return `<${argument.message}>`;
    case 'file_arg':
    case 'path_arg':
    case 'linux_binprm_arg':
      return compactWord(argument.path.text);
    case 'sock_arg':
    case 'skb_arg':
      return connectionText(argument.socket);
    case 'sockaddr_arg':
      return addressText(argument.socket);
    case 'process_credentials_arg': {
      const { uid, gid, euid, egid } = argument.identity.credentials;
      return `uid ${uid} gid ${gid} euid ${euid} egid ${egid}`;
    }
    default:
      return assertNever(argument);
  }
}

function bufferText(bytes: Uint8Array, size: bigint): string {
  const shown = bytes.subarray(0, BUFFER_BYTES_SHOWN);
  return `${compactWord(decodeText(shown).text)}${size > BigInt(shown.length) ? '…' : ''}`;
}

/** Such as `tcp 10.0.0.1:4242 -> 10.0.0.2:80`; what has no addresses is told by its family. */
function connectionText(socket: SocketFacts): string {
  const { flags, family, protocol, source, sourcePort, destination, destinationPort } = socket;
  const name = flags & socketFlag.protocol ? protocolName(protocol).replace('IPPROTO_', '').toLowerCase() : '';
  if (!(flags & socketFlag.addresses)) return name === '' ? familyName(family) : `${familyName(family)} ${name}`;
  const ends = `${endText(source, sourcePort)} -> ${endText(destination, destinationPort)}`;
  return name === '' ? ends : `${name} ${ends}`;
}

function addressText({ flags, family, source, sourcePort }: SocketFacts): string {
  return flags & socketFlag.addresses ? endText(source, sourcePort) : familyName(family);
}

/** The colons of an IPv6 address are kept apart from that of the port. */
function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
