/** Declares in an object's BTF what another object defines, with exactly the types it has there. */
import type { BtfTypeId } from '#std';
import type { BtfSectionEntry } from './btf.ts';
import type { BtfBuilder } from './btf-builder.ts';
import { copyTypes } from './btf-copy.ts';
import type { BtfView } from './btf-view.ts';

/**
 * Adds a `func` of linkage `extern` for each function and, for each variable (a map is one), a `var` in a section of
 * the same name. Returns the names that `from` has no such definition of. Call it once for all externs of an object:
 * a section is one record.
 */
export function declareExterns(from: BtfView, names: readonly string[], into: BtfBuilder): readonly string[] {
  const missing: string[] = [];
  const sections = new Map<string, BtfSectionEntry[]>();
  const variables = variablesOf(from);
  for (const name of names) {
    const functionId = from.findFunction(name);
    const variable = variables.get(name);
    if (functionId !== undefined) {
      declareFunction(from, { name, functionId }, into);
    } else if (variable !== undefined) {
      const entries = sections.get(variable.section) ?? [];
      sections.set(variable.section, entries);
      const typeId = into.var(name, copyOne(from, variable.typeId, into, 'whole'), 'extern');
      entries.push({ typeId, offset: 0, size: variable.size });
    } else {
      missing.push(name);
    }
  }
  // Externs take no room: the section's size is 0 however large its variables are.
  for (const [section, entries] of sections) into.datasec(section, 0, entries);
  return missing;
}

function declareFunction(
  from: BtfView,
  { name, functionId }: { readonly name: string; readonly functionId: BtfTypeId },
  into: BtfBuilder,
): void {
  const type = from.type(functionId);
  if (type.kind === 'func') into.func(name, copyOne(from, type.typeId, into, 'forward'), 'extern');
}

function copyOne(from: BtfView, id: BtfTypeId, into: BtfBuilder, pointees: 'whole' | 'forward'): BtfTypeId {
  return copyTypes(from, [id], into, { pointees }).get(id) ?? id;
}

type Variable = { readonly section: string; readonly typeId: BtfTypeId; readonly size: number };

/** Variables by name, from the sections they stand in. */
function variablesOf(from: BtfView): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const sectionId of from.ids('datasec')) {
    const section = from.type(sectionId);
    if (section.kind !== 'datasec') continue;
    for (const { typeId, size } of section.entries) {
      const variable = from.type(typeId);
      if (variable.kind === 'var')
        variables.set(variable.name, { section: section.name, typeId: variable.typeId, size });
    }
  }
  return variables;
}
