/** Kinds of events as they are written on the command line. */
import { InvalidArgumentError } from 'commander';

const EVENT_KINDS: readonly string[] = ['exec', 'exit', 'lsm', 'kprobe', 'tracepoint'];

/** `exec,lsm`, or as the events API calls them: `PROCESS_EXEC,PROCESS_LSM`. */
export function parseKinds(value: string): readonly string[] {
  const kinds = value.split(',').map((kind) => kind.replace(/^process_/i, '').toLowerCase());
  const unknown = kinds.find((kind) => !EVENT_KINDS.includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is not one of ${EVENT_KINDS.join(', ')}.`);
  return kinds;
}
