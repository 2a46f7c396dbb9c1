/** Policies on a place to a program in the kernel; a fault may be put in at each stage of the compiler. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BtfView, type Code, ElfView } from '#bpf';
import { Findings, type FollowList, type HookPlan, type ResolvedPolicy, type WorkloadScope } from '#compiler';
import { renderDiagnostic } from '#diagnostics';
import { BpfObject, type BpfProgram, linkObjects } from '#kernel';
import type { FileIdentity } from '#policy';
import { assert, known } from '#std';
import { allocate } from '../../src/compiler/allocate.ts';
import { emitHook } from '../../src/compiler/emit.ts';
import { FollowBook } from '../../src/compiler/follow.ts';
import { lower } from '../../src/compiler/lower.ts';
import { programOf, setImages, writePrograms } from '../../src/compiler/object.ts';
import { ScopeBook } from '../../src/compiler/scope.ts';
import { hostNamespaces } from './situation.ts';

/** What is wrong with a compiler that is made wrong on purpose. */
export type Fault = {
  readonly name: string;
  readonly onLowered?: (plan: HookPlan) => HookPlan;
  readonly onAllocated?: (plan: HookPlan) => HookPlan;
  readonly onEmitted?: (code: Code) => Code;
};

export type Compilation = {
  readonly policies: readonly ResolvedPolicy[];
  readonly identities: ReadonlyMap<string, FileIdentity>;
  readonly followBits: ReadonlyMap<string, number>;
  readonly scopeBits: ReadonlyMap<string, number>;
  readonly fault: Fault | undefined;
  /** See allocate(): with 0 everything that a set could answer is looked up. */
  readonly lookups?: number;
  /** Unless it is false. */
  readonly optimise?: boolean;
};

export type CompiledHook = {
  readonly plan: HookPlan;
  readonly code: Code;
  readonly follow: readonly FollowList[];
  readonly scopes: readonly WorkloadScope[];
};

export function compileHook({
  policies,
  identities,
  followBits,
  scopeBits,
  fault,
  lookups,
  optimise = true,
}: Compilation): CompiledHook {
  const findings = new Findings();
  const follow = new FollowBook(followBits);
  const scopes = new ScopeBook(scopeBits);
  const files = new Map(
    Array.from(identities, ([name, { inode, device }]) => [name, { inode, device: Number(device) }]),
  );
  const input = { policies, arch: 'x86_64', identities: files, hostNamespaces: hostInodes, follow, scopes } as const;
  const lowered = known(lower(input, findings)[0], 'plan');
  const allocated = allocate(fault?.onLowered?.(lowered) ?? lowered, lookups);
  assert(findings.diagnostics.length === 0, findings.diagnostics.map(renderDiagnostic).join('\n'));
  const plan = fault?.onAllocated?.(allocated) ?? allocated;
  const assembly = emitHook(plan, { optimise });
  assert(assembly.kind === 'assembled', 'the program can be assembled');
  return {
    plan,
    code: fault?.onEmitted?.(assembly.code) ?? assembly.code,
    follow: follow.lists,
    scopes: scopes.scopes,
  };
}

const { Uts, Ipc, Mnt, Pid, PidForChildren, Net, Time, TimeForChildren, Cgroup, User } = hostNamespaces;
const hostInodes = {
  uts: Uts,
  ipc: Ipc,
  mnt: Mnt,
  pid: Pid,
  pidForChildren: PidForChildren,
  net: Net,
  time: Time,
  timeForChildren: TimeForChildren,
  cgroup: Cgroup,
  user: User,
};

/** What stands in for the kernel around a hook: kprobes/property. Its maps are those of all programs. */
export class Library {
  readonly btf: BtfView;
  readonly object: BpfObject;
  readonly #bytes: Uint8Array;

  constructor() {
    this.#bytes = readFileSync(libraryFile);
    this.btf = known(new ElfView(this.#bytes).btf(), 'BTF of the property library');
    this.object = BpfObject.open(this.#bytes, { name: 'property' });
    this.object.load();
  }

  load({ plan, code }: CompiledHook): LoadedHook {
    const program = programOf(plan, code);
    const image = linkObjects([this.#bytes, writePrograms([program], this.btf.bytes)]);
    const object = BpfObject.open(image, { name: 'hook' });
    for (const map of this.object.maps) if (!isDataSection(map.name)) object.reuseMap(map.name, map);
    object.load();
    for (const { map, entries } of setImages([plan])) object.map(map).fill(entries);
    return { object, program: object.program(program.name) };
  }

  [Symbol.dispose](): void {
    this.object.close();
  }
}

export const libraryFile = join(import.meta.dirname, '../../kprobes/build/property.bpf.o');

/** Programs end with their object. */
export type LoadedHook = { readonly object: BpfObject; readonly program: BpfProgram };

function isDataSection(name: string): boolean {
  return name.includes('.');
}
