/** RFC 3339 timestamps with 0, 3, 6 or 9 fractional digits, as few as say it all. */

const NS_PER_SECOND = 1_000_000_000n;

/** Events come by the thousand per second, and each tells its time more than once: the texts of both are kept. */
let secondNs = -NS_PER_SECOND;
let secondText = '';
let lastNs = -1n;
let lastText = '';

export function rfc3339(ns: bigint): string {
  if (ns === lastNs) return lastText;
  let within = Number(ns - secondNs); // a division of such numbers costs more than all else here
  if (within < 0 || within > 999_999_999) {
    const second = ns / NS_PER_SECOND;
    secondNs = second * NS_PER_SECOND;
    secondText = new Date(Number(second) * 1000).toISOString().slice(0, 19);
    within = Number(ns - secondNs);
  }
  lastNs = ns;
  lastText = `${secondText}${fraction(within)}Z`;
  return lastText;
}

/** Always nine digits, for columns that line up. */
export function rfc3339Nano(ns: bigint): string {
  const text = rfc3339(ns);
  const point = text.indexOf('.');
  if (point < 0) return `${text.slice(0, -1)}.000000000Z`;
  return `${text.slice(0, -1).padEnd(point + 10, '0')}Z`;
}

function fraction(ns: number): string {
  if (ns === 0) return '';
  const digits = String(ns).padStart(9, '0');
  if (ns % 1_000_000 === 0) return `.${digits.slice(0, 3)}`;
  return ns % 1000 === 0 ? `.${digits.slice(0, 6)}` : `.${digits}`;
}
