/** The network beside us, for people. */
import type { NetworkStatus } from '#control';
import { table } from './table.ts';

const SHOWN = 24;

export function networkText({ cni, programs, unlisted, own, shared, unseen }: NetworkStatus): string {
  const attached = programs.filter(({ at }) => at.length > 0);
  const idle = programs.length - attached.length;
  const rest = attached.length - Math.min(attached.length, SHOWN);
  const evidence = cni.evidence.length === 0 ? '' : ` (${cni.evidence.join(', ')})`;
  const facts = [
    ['network plugin', `${cni.name}${evidence}`],
    ['BPF programs', `${own} of ours, ${programs.length + unlisted} of others, attached beside each other`],
    ...(shared.length === 0 ? [] : [['shared hooks', shared.join(', ')]]),
    ...unseen.map((each) => ['not looked at', each]),
  ];
  const rows = attached
    .slice(0, SHOWN)
    .map(({ id, kind, name, owner, at }) => [`${id}`, owner || '?', kind, name || '-', at.join('; ')]);
  const list = rows.length === 0 ? '' : `\n${table([['ID', 'OF', 'KIND', 'NAME', 'ATTACHED'], ...rows])}`;
  const more = [
    rest === 0 ? '' : `${rest} more are attached`,
    idle === 0 ? '' : `${idle} are attached nowhere that is seen`,
    unlisted === 0 ? '' : `${unlisted} are not listed`,
  ].filter((each) => each !== '');
  return `${table(facts)}${list}${more.length === 0 ? '' : `${more.join(', ')}: --json or -o json has what is listed\n`}`;
}
