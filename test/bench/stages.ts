/** How long a change of the policies takes, stage by stage, on this machine. */
import { readFileSync } from 'node:fs';
import { compile } from '#compiler';
import { BpfObject, linkObjects } from '#kernel';
import { known } from '#std';
import { programOf, setImages, writePrograms } from '../../src/compiler/object.ts';
import { type CompiledHook, Library, libraryFile } from '../property/program.ts';
import { savedTarget } from '../targets/index.ts';
import { CROWDS, LIST_VALUES, named, openCrowd, openList } from './crowd.ts';
import { parseAll } from './parse.ts';
import { compileTest } from './program-cost.ts';
import { type Cell, table } from './table.ts';

/** The middle one of so many counts, after one that does not. */
const ROUNDS = 5;

export function stageTable(): string {
  using library = new Library();
  const target = savedTarget('6.12');
  const inputs: readonly (readonly [string, readonly string[]])[] = [
    ...CROWDS.map((count) => [named(count), openCrowd(count)] as const),
    [`1 policy, ${LIST_VALUES} values`, [openList(LIST_VALUES)]],
  ];
  const rows = inputs.map(([name, texts]): readonly Cell[] => {
    const policies = parseAll(texts);
    const owners = policies.map((policy, slot) => ({ policy, slot }));
    const hook = compileTest(policies);
    const bytes = readFileSync(libraryFile);
    const object = writePrograms([programOf(hook.plan, hook.code)], library.btf.bytes);
    const image = linkObjects([bytes, object]);
    return [
      name,
      median(() => parseAll(texts)),
      median(() => compile({ policies: owners, target, identities: new Map() })),
      median(() => linkObjects([bytes, object])),
      median(() => load(library, hook, image)),
      hook.code.instructions.length,
    ];
  });
  return table(['ms', 'parse', 'compile', 'link', 'open, load, fill', 'instructions'], rows);
}

/** As a program of a kind that every kernel takes; see test/property. */
function load(library: Library, { plan }: CompiledHook, image: Uint8Array): void {
  using object = BpfObject.open(image, { name: 'bench' });
  for (const map of library.object.maps) if (!map.name.includes('.')) object.reuseMap(map.name, map);
  object.load();
  for (const { map, entries } of setImages([plan])) object.map(map).fill(entries);
}

function median(work: () => unknown): number {
  const times = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return known(times.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1], 'time');
}
