/** The names of traceable functions, kept as one text: a kernel has 60,000, of which a compiler asks for a few. */
import { namesNear } from './names-near.ts';
import type { TraceableFunctions } from './target.ts';

/** The functions with these names; a name that occurs twice is two functions. */
export function functionList(names: Iterable<string>): TraceableFunctions {
  return functionsOfText([...names].map((name) => `${name}\n`).join(''));
}

/** The functions of a text that has one name on each line, in any order, and ends in a newline. */
export function functionsOfText(text: string): TraceableFunctions {
  return new FunctionsText(text);
}

/** Whether it is such a text; names are printable ASCII without spaces. */
export function isFunctionsText(text: string): boolean {
  return text === '' || (text.endsWith('\n') && !/[^\n!-~]|^\n|\n\n/.test(text));
}

class FunctionsText implements TraceableFunctions {
  /** Begins with a newline, so that every name stands between two. */
  readonly #text: string;

  constructor(text: string) {
    this.#text = `\n${text}`;
  }

  count(name: string): number {
    return [...this.#linesFrom(`${name}\n`)].length;
  }

  clones(name: string): readonly string[] {
    return [...new Set(this.#linesFrom(`${name}.`))];
  }

  similar(name: string, limit: number): readonly string[] {
    return namesNear(name, this.names(), limit);
  }

  names(): readonly string[] {
    return this.#text
      .slice(1, -1)
      .split('\n')
      .filter((name) => name !== '');
  }

  /** The lines that begin so, each without its newline. */
  *#linesFrom(start: string): Generator<string> {
    const wanted = `\n${start}`;
    for (let at = this.#text.indexOf(wanted); at >= 0; at = this.#text.indexOf(wanted, at + 1)) {
      yield this.#text.slice(at + 1, this.#text.indexOf('\n', at + 1));
    }
  }
}
