/** Assembled programs to one BPF object: types, line info that points at the policy, and declarations of the runtime. */
import { runtimeBtf } from '#abi';
import { BtfBuilder, BtfView, type Code, declareExterns, writeObject } from '#bpf';
import { assert } from '#std';
import type { HookPlan } from './plan.ts';

export type Program = { readonly plan: HookPlan; readonly name: string; readonly section: string; readonly code: Code };

/** The kernel keeps 15 characters of a name: the number comes first, so that they stay apart. */
export function programName(plan: HookPlan): string {
  return `rf_${plan.id}_${plan.hook}`;
}

export function writePrograms(programs: readonly Program[]): Uint8Array {
  const btf = new BtfBuilder();
  const externs = [...new Set(programs.flatMap(({ code }) => code.relocations.map((each) => each.symbol)))].toSorted();
  const missing = declareExterns(new BtfView(runtimeBtf), externs, btf);
  assert(missing.length === 0, `the runtime library has no ${missing.join(', ')}`);
  const contextType = btf.ptr(btf.int('unsigned long long', 8, 'unsigned'));
  const prototype = btf.funcProto(btf.int('int', 4, 'signed'), [{ name: 'context', typeId: contextType }]);
  return writeObject({
    programs: programs.map(({ name, section, code }) => ({
      name,
      section,
      code,
      functionTypeId: btf.func(name, prototype, 'global'),
    })),
    btf,
    externs,
  });
}
