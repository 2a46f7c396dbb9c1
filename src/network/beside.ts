/** Puts together what the kernel tells of programs, links and attachments: which are of others, and where they stand. */
import type { Inventory, LinkTarget } from '#kernel';
import { assertNever } from '#std';
import { attachTypeName, programTypeName } from './names.ts';
import { OWN, ownerOf } from './owner.ts';
import type { ForeignProgram, NetworkReport } from './report.ts';

export type Place = { readonly programId: number; readonly at: string };

export type Found = {
  readonly inventory: Inventory;
  /** By program. */
  readonly pins: ReadonlyMap<number, readonly string[]>;
  /** Attached without a link. */
  readonly attached: readonly Place[];
  readonly interfaces: ReadonlyMap<number, string>;
  readonly cgroups: ReadonlyMap<bigint, string>;
  /** The name of a function by its number in the BTF of the kernel; undefined when it is of a module. */
  readonly functionName: (btfObject: number, btfType: number) => string | undefined;
};

const PROGRAMS_LISTED = 200;
const PLACES_LISTED = 16;

type Beside = Pick<NetworkReport, 'programs' | 'unlisted' | 'own' | 'shared'>;

export function beside(found: Found): Beside {
  const places = placesOf(found);
  const all = found.inventory.programs.map((program): ForeignProgram => {
    const pins = found.pins.get(program.id) ?? [];
    const { id, name } = program;
    const at = (places.get(id) ?? []).slice(0, PLACES_LISTED);
    return { id, name, kind: programTypeName(program.type), owner: ownerOf({ name, pins }), at, pins };
  });
  const own = all.filter(({ owner }) => owner === OWN);
  const foreign = all.filter(({ owner }) => owner !== OWN).toSorted(byImportance);
  const ownPlaces = new Set(own.flatMap(({ at }) => at).map(functionOf));
  const shared = new Set(foreign.flatMap(({ at }) => at).map(functionOf));
  return {
    programs: foreign.slice(0, PROGRAMS_LISTED),
    unlisted: Math.max(0, foreign.length - PROGRAMS_LISTED),
    own: own.length,
    shared: [...shared].filter((each) => each !== '' && ownPlaces.has(each)).toSorted(),
  };
}

function placesOf({ inventory, attached, ...names }: Found): ReadonlyMap<number, readonly string[]> {
  const places = new Map<number, Set<string>>();
  const add = ({ programId, at }: Place) => {
    const known = places.get(programId);
    if (known === undefined) places.set(programId, new Set([at]));
    else known.add(at);
  };
  for (const { programId, target } of inventory.links) if (target) add({ programId, at: placeText(target, names) });
  for (const place of attached) add(place);
  return new Map([...places].map(([id, set]) => [id, [...set]]));
}

type Names = Pick<Found, 'interfaces' | 'cgroups' | 'functionName'>;

function placeText(target: LinkTarget, { interfaces, cgroups, functionName }: Names): string {
  switch (target.kind) {
    case 'function': {
      const name = functionName(target.btfObject, target.btfType);
      return `${attachTypeName(target.attach)} ${name ?? 'of a module or a program'}`;
    }
    case 'cgroup':
      return `${attachTypeName(target.attach)} of ${cgroups.get(target.cgroupId) ?? `cgroup ${target.cgroupId}`}`;
    case 'interface': {
      const name = interfaces.get(target.index) ?? (target.index === 0 ? 'one that is gone' : `${target.index}`);
      return `${target.attach === undefined ? 'xdp' : attachTypeName(target.attach)} of ${name}`;
    }
    default:
      return assertNever(target);
  }
}

const FUNCTION = /^(?:lsm|fentry|fexit|fmod_ret|tp_btf) (?:bpf_lsm_|security_)?(\w+)$/;

/** An LSM hook and the function around it count as the same; empty for a place that is none. */
function functionOf(place: string): string {
  return FUNCTION.exec(place)?.[1] ?? '';
}

/** What is attached where ours can be, then what is attached, then the rest; each by id. */
function byImportance(one: ForeignProgram, other: ForeignProgram): number {
  return rank(one) - rank(other) || one.id - other.id;
}

function rank({ at }: ForeignProgram): number {
  if (at.some((place) => functionOf(place) !== '')) return 0;
  return at.length > 0 ? 1 : 2;
}
