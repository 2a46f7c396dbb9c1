/** Sockets, packets and socket addresses against the values of a filter. */
import { assert } from '#std';
import type { AddressValue, ArgumentMatch, ArgumentOperator, ArgumentValue } from './model.ts';
import { type Answer, answer } from './semantics-answer.ts';
import type { ObservedSocket } from './semantics-observation.ts';
import { equal } from './semantics-text.ts';

/** What the object does not have matches neither an operator nor its negation. */
export function socketAnswer({ operator, values }: ArgumentMatch, socket: ObservedSocket): Answer {
  const negated = operator.value.startsWith('Not');
  const field = fieldOf(operator.value, socket);
  if (field === undefined) return 'no';
  return answer(values.some((value) => contains(value, field)) !== negated);
}

function fieldOf(operator: ArgumentOperator, socket: ObservedSocket): number | Uint8Array | undefined {
  switch (operator) {
    case 'SAddr':
    case 'NotSAddr':
      return socket.source.address;
    case 'DAddr':
    case 'NotDAddr':
      return socket.destination.address;
    case 'SPort':
    case 'NotSPort':
    case 'SPortPriv':
    case 'NotSportPriv':
      return socket.source.port;
    case 'DPort':
    case 'NotDPort':
    case 'DPortPriv':
    case 'NotDPortPriv':
      return socket.destination.port;
    case 'Protocol':
      return socket.protocol;
    case 'Family':
      return socket.family;
    case 'State':
      return socket.state;
    default:
      throw new TypeError(`${operator} is no operator on sockets`);
  }
}

function contains(value: ArgumentValue, field: number | Uint8Array): boolean {
  if (typeof field === 'number') {
    assert(value.kind === 'range', 'ports, protocols, families and states are ranges');
    return value.minimum <= field && field <= value.maximum;
  }
  assert(value.kind === 'address', 'addresses are networks');
  return networkContains(value, field);
}

/** `::/0` is all of IPv6, and none of IPv4: which of them an address is says how it was used, not how it is written. */
function networkContains({ bytes, prefixLength }: AddressValue, address: Uint8Array): boolean {
  const plain = withoutMapping(address);
  if (plain.length !== bytes.length) return false;
  return equal(firstBits(plain, prefixLength), firstBits(bytes, prefixLength));
}

const mappedPrefix = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** An IPv4 address that is mapped into IPv6 (::ffff:0:0/96) is an IPv4 address. */
function withoutMapping(address: Uint8Array): Uint8Array {
  const isMapped = address.length === 16 && equal(address.subarray(0, mappedPrefix.length), mappedPrefix);
  return isMapped ? address.subarray(mappedPrefix.length) : address;
}

function firstBits(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, position) => {
    const kept = Math.min(8, Math.max(0, bits - position * 8));
    return byte & (0xff << (8 - kept));
  });
}
