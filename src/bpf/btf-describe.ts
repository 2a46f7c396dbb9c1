/** Writes BTF types as C would, for sentences that a person reads. */
import type { BtfTypeId } from '#std';
import type { BtfType } from './btf.ts';

/** Beyond so many types a description ends in dots: nobody would read it, and malformed BTF may go in circles. */
const TYPES_MAX = 64;
const DOTS = '...';

type Source = { type(id: BtfTypeId): BtfType };

/** As C would write it: `const struct path *`, or `int (*)(void *, int)`. */
export function describeType(source: Source, id: BtfTypeId): string {
  return new Description(source).declare(id, '');
}

class Description {
  readonly #source: Source;
  #typesLeft = TYPES_MAX;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Writes the declaration of `declarator` with the type `id`, as C does: from the name outwards. */
  declare(id: BtfTypeId, declarator: string): string {
    if (this.#typesLeft === 0) return DOTS;
    this.#typesLeft -= 1;
    const type = this.#source.type(id);
    switch (type.kind) {
      case 'void':
        return join('void', declarator);
      case 'int':
      case 'float':
      case 'typedef':
        return join(type.name, declarator);
      case 'struct':
      case 'union':
      case 'enum':
        return join(tagged(type.kind, type.name), declarator);
      case 'enum64':
        return join(tagged('enum', type.name), declarator);
      case 'fwd':
        return join(tagged(type.of, type.name), declarator);
      case 'datasec':
        return join('section', type.name);
      case 'ptr':
        return this.declare(type.typeId, `*${declarator}`);
      case 'const':
      case 'volatile':
      case 'restrict':
        return this.#qualified(type.kind, type.typeId, declarator);
      case 'type_tag':
      case 'decl_tag':
        return this.declare(type.typeId, declarator);
      case 'array':
        return this.declare(type.typeId, `${parenthesised(declarator)}[${type.length}]`);
      case 'func_proto':
        return this.declare(type.returnTypeId, `${parenthesised(declarator)}(${this.#parameters(type.parameters)})`);
      case 'func':
      case 'var':
        return this.declare(type.typeId, type.name);
    }
  }

  /** A qualifier of a pointer stands after its star; that of anything else stands first. */
  #qualified(qualifier: string, typeId: BtfTypeId, declarator: string): string {
    if (this.#source.type(typeId).kind !== 'ptr') return `${qualifier} ${this.declare(typeId, declarator)}`;
    return this.declare(typeId, declarator === '' ? qualifier : `${qualifier} ${declarator}`);
  }

  #parameters(parameters: Extract<BtfType, { kind: 'func_proto' }>['parameters']): string {
    if (parameters.length === 0) return 'void';
    const shown: string[] = [];
    for (const each of parameters) {
      // The last parameter of a variadic function is of type void and has no name.
      const isVariadic = each.typeId === 0 && each.name === '';
      shown.push(isVariadic ? DOTS : this.declare(each.typeId, each.name));
      if (this.#typesLeft === 0) break;
    }
    return shown.join(', ');
  }
}

function join(type: string, declarator: string): string {
  return declarator === '' ? type : `${type} ${declarator}`;
}

function tagged(keyword: string, name: string): string {
  return `${keyword} ${name === '' ? '{...}' : name}`;
}

/** `*name` binds less tightly than `[]` and `()`. */
function parenthesised(declarator: string): string {
  return declarator.startsWith('*') ? `(${declarator})` : declarator;
}
