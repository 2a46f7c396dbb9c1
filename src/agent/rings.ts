/** The rings as they are at this moment, for who asks. */
import type { BaseSensor } from '#sensors';

export function ringsOf(base: Pick<BaseSensor, 'rings'>) {
  return base.rings.map((ring) => ({ name: ring.name, bytes: ring.dataBytes, waitingBytes: ring.fill() }));
}
