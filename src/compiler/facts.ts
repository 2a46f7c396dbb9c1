/** Numbers the values that the policies of one hook read, and gives each a slot of the scratch. */
import { bound } from '#abi';
import type { IntegerShape } from '#policy';
import type { Fact, FactValue, Source } from './plan.ts';
import type { Length, ResolvedArgument } from './resolved.ts';

/** One fact for each source and reader, however many policies look at it. */
export class FactTable {
  readonly #byKey = new Map<string, Fact>();
  #texts = 0;
  #sockets = 0;

  get facts(): readonly Fact[] {
    return [...this.#byKey.values()];
  }

  /** Undefined when the hook reads more different values than an invocation can hold. */
  add({ source, value }: Pick<ResolvedArgument, 'source' | 'value'>): Fact | undefined {
    switch (value.kind) {
      case 'integer':
        return this.#number(source, undefined);
      case 'credentials':
        return this.#fact(source, 'credentials', () => ({ kind: 'credentials' }));
      case 'text':
      case 'socket': {
        const size = value.size === undefined ? undefined : this.#length(value.size);
        if (value.size !== undefined && size === undefined) return undefined;
        return this.#fact(source, `${value.reader} ${size?.number}`, () =>
          value.kind === 'text'
            ? { kind: 'text', reader: value.reader, slot: this.#texts++ % bound.pathSlots, size: size?.number }
            : { kind: 'socket', reader: value.reader, slot: this.#sockets++ % bound.socketSlots, size: size?.number },
        );
      }
    }
  }

  #length({ source, shape }: Length): Fact | undefined {
    return this.#number(source, shape.bits === 64 ? undefined : shape);
  }

  #number(source: Source, as: IntegerShape | undefined): Fact | undefined {
    if (as === undefined) return this.#fact(source, 'integer', () => ({ kind: 'integer' }));
    return this.#fact(source, `integer ${as.bits} ${as.signed}`, () => ({ kind: 'integer', as }));
  }

  #fact(source: Source, reader: string, make: () => FactValue): Fact | undefined {
    const key = `${JSON.stringify(source)} ${reader}`;
    const had = this.#byKey.get(key);
    if (had !== undefined) return had;
    if (this.#byKey.size === bound.factMax) return undefined;
    const fact = { number: this.#byKey.size, source, value: make() };
    this.#byKey.set(key, fact);
    return fact;
  }
}
