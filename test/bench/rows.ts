/** The rows of the table: what is to be reached, and what the peer costs; see docs/performance.md. */
import type { FigureName } from './figures.ts';
import type { SetName } from './sets.ts';
import type { WorkName } from './works.ts';

export const GROUPS = ['open', 'read', 'connect', 'exec', 'getpid', 'agent', 'memory'] as const;
export type Group = (typeof GROUPS)[number];

type Common = {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  /** At most; a row without one is told only. */
  readonly limit?: number;
  readonly peer?: string;
};

/** What an operation costs more than with no agent. */
export type WorkRow = Common & { readonly kind: 'work'; readonly work: WorkName; readonly set: SetName };
export type FigureRow = Common & { readonly kind: 'figure'; readonly figure: FigureName; readonly unit: Unit };
export type Row = WorkRow | FigureRow;

/** `M`: a million instructions. */
export type Unit = 'instructions' | 'M' | 'MiB' | 'events' | '%';

export const rows: readonly Row[] = [
  work('open-5-short', 'open', ['open-short', 'open x 1'], 'open, 5 prefixes, short path', 1_350, '8,536'),
  work('open-5-deep', 'open', ['open-deep', 'open x 1'], 'open, 5 prefixes, 7 deep', 1_950, '11,452'),
  work('open-20', 'open', ['open-short', 'open x 20'], 'open, 20 policies', 1_600, '160,614 (19)'),
  work('open-match', 'open', ['open-watched', 'open x 1'], 'open that matches, with its event', 2_600, '8,704-12,267'),
  work('open-uring', 'open', ['uring-open', 'open x 1'], 'open by io_uring, 5 prefixes'),
  work('read-quickstart', 'read', ['read', 'quickstart'], 'read, quickstart policy', 1_500, '14,001'),
  work('read-5', 'read', ['read', 'read x 5'], 'read, 5 policies', 1_600, '52,716'),
  work('read-20', 'read', ['read', 'read x 20'], 'read, 20 policies', 1_800, '209,804'),
  work('read-other', 'read', ['read', 'read-other'], 'read, policy of another binary', 340, '5,338'),
  work('connect-1', 'connect', ['connect', 'connect x 1'], 'connect, 3 CIDRs', 300, '6,351'),
  work('connect-20', 'connect', ['connect', 'connect x 20'], 'connect, 20 policies', 500, '127,255'),
  work('exec-base', 'exec', ['exec', 'none'], 'fork+exec+exit, base sensor', 6_000, '22,028'),
  work('exec-quickstart', 'exec', ['exec', 'quickstart'], 'fork+exec+exit, quickstart policy', 15_000, '98,172'),
  work('getpid', 'getpid', ['getpid', 'everything'], 'getpid, all of these loaded', 0, '0'),
  figure('attach', 'agent', ['attach', 'M'], 'policy file to attached, warm', 150, '3,200-5,600'),
  figure('file-event', 'agent', ['file-event', 'instructions'], 'agent, per file event', 25_000, '210,000-237,000'),
  figure('exec-event', 'agent', ['exec-event', 'instructions'], 'agent, per fork+exec+exit', 60_000, '380,000-636,000'),
  figure('ready', 'agent', ['ready', 'M'], 'agent ready, warm compile cache', 1_800, '5,300'),
  figure('ready-cold', 'agent', ['ready-cold', 'M'], 'agent ready, cold'),
  figure('burst-lost', 'agent', ['burst-lost', 'events'], 'lost of 20,000 watched opens', 0, '34-41 %'),
  figure('own-activity', 'agent', ['own-activity', 'events'], 'events of its own file being written', 0, '2,800/s'),
  figure('own-cpu', 'agent', ['own-cpu', '%'], 'processor while it watches its own file', undefined, '88 %'),
  figure('rss', 'memory', ['rss', 'MiB'], 'resident, 60 s after ready, 20 policies', 100, '112-176'),
  figure('maps', 'memory', ['maps', 'MiB'], 'maps without rings, 20 policies', 6, '37-42'),
];

function work(
  id: string,
  group: Group,
  [workName, set]: readonly [WorkName, SetName],
  title: string,
  limit?: number,
  peer?: string,
): Row {
  return { kind: 'work', id, group, work: workName, set, title, ...bounds(limit, peer) };
}

function figure(
  id: string,
  group: Group,
  [name, unit]: readonly [FigureName, Unit],
  title: string,
  limit?: number,
  peer?: string,
): Row {
  return { kind: 'figure', id, group, figure: name, unit, title, ...bounds(limit, peer) };
}

function bounds(limit: number | undefined, peer: string | undefined) {
  return { ...(limit === undefined ? {} : { limit }), ...(peer === undefined ? {} : { peer }) };
}

/** Those whose name or group was asked for; all, where nothing was. */
export function chosenRows(only: readonly string[]): readonly Row[] {
  if (only.length === 0) return rows;
  return rows.filter(({ id, group }) => only.includes(id) || only.includes(group));
}
