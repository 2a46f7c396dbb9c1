/** What several CPUs at once make of an open, as a table. */
import type { Contention } from './contention.ts';
import { type Cell, table } from './table.ts';

const NAMES: Readonly<Record<keyof Contention, string>> = {
  quiet: 'nothing beside it',
  shaken: 'another process renames and mounts in a loop',
  crowd: 'three other CPUs open the same file',
};

export function contentionTable(contention: Contention): string {
  const rows = Object.entries(contention).map(([name, { alone, withAgent }]): readonly Cell[] => {
    return [NAMES[name as keyof Contention], alone, withAgent, withAgent / alone];
  });
  return table(['open, 7 deep, 4 CPUs, ns of processor time', 'no agent', '5 prefixes', 'ratio'], rows);
}
