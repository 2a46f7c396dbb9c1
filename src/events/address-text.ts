/** IP addresses as text: the four numbers, or the shortest form of RFC 5952. */

/** `at`: of the first octet. Empty for version 0, which is no address; undefined for one that is none of IP. */
export function addressText(version: number, bytes: Uint8Array, at: number): string | undefined {
  switch (version) {
    case 0:
      return '';
    case 4:
      return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
    case 6:
      return ipv6Text(bytes, at);
    default:
      return undefined;
  }
}

const GROUPS = 8;

function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    groups.push(((bytes[at + 2 * group] ?? 0) << 8) | (bytes[at + 2 * group + 1] ?? 0));
  }
  const { start, length } = longestZeros(groups);
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The first of the longest runs: the one that `::` stands for. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}
