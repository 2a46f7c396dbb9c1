/** The programs, maps and links that a process holds, as the kernel tells of its descriptors; no tool is needed. */
import { readdirSync, readFileSync } from 'node:fs';

export type BpfObject = { readonly kind: string; readonly facts: Readonly<Record<string, string>> };

/** In order of kind and id. Throws what reading /proc throws. */
export function bpfObjectsOf(pid: number): readonly BpfObject[] {
  const folder = `/proc/${pid}/fdinfo`;
  const objects = new Map<string, BpfObject>();
  for (const fd of readdirSync(folder)) {
    const object = parseDescriptor(readOpen(`${folder}/${fd}`));
    if (object !== undefined) objects.set(`${object.kind} ${object.facts[`${object.kind}_id`]?.padStart(10)}`, object);
  }
  return [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

/** A descriptor can be closed meanwhile. */
function readOpen(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const KINDS = ['link', 'map', 'prog'];
const OF_THE_DESCRIPTOR = ['pos', 'flags', 'mnt_id', 'ino'];

/** A link tells the id of its program too, so links are looked for first. */
export function parseDescriptor(text: string): BpfObject | undefined {
  const fields = text.split('\n').map((line) => line.split(':').map((part) => part.trim()));
  const facts = Object.fromEntries(
    fields.flatMap(([name = '', value]) =>
      value === undefined || OF_THE_DESCRIPTOR.includes(name) ? [] : [[name, value]],
    ),
  );
  const kind = KINDS.find((each) => facts[`${each}_id`] !== undefined);
  return kind === undefined ? undefined : { kind, facts };
}
