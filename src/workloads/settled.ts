/** Who waits for a container to be known by all that policies ask for. */
import type { Container } from './join.ts';

/** One that no pod has is the host's, and waits for nobody. */
export function isSettled({ entry, podUid, cgroupId }: Container): boolean {
  return cgroupId !== undefined && (entry?.kind === 'container' || podUid === undefined);
}

/** Resolves when something of it changed, or the signal aborts. */
export function nextChange({ waiting }: Container, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      signal.removeEventListener('abort', wake);
      waiting.delete(wake);
      resolve();
    };
    signal.addEventListener('abort', wake);
    waiting.add(wake);
  });
}
