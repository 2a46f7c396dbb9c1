/**
 * Namespaces whose annotation says that nothing is executed there in a container that is not known yet. They are
 * remembered on the disk: when the next agent starts the API server may be away, and that must not open them.
 */
import type { EnvironmentError } from '#diagnostics';
import { recalled, remember } from './remembered.ts';

export type FailClosedOptions = {
  readonly path: string;
  /** With every change, and at first with what is remembered. */
  readonly changed: (namespaces: ReadonlySet<string>) => void;
  /** RF3625: it counts, and will not be remembered. */
  readonly onError: (error: EnvironmentError) => void;
};

type Namespace = { readonly name: string; readonly annotations: Readonly<Record<string, string>> };

const ANNOTATION = 'ringfence.io/fail-closed';

export class FailClosedNamespaces {
  readonly #options: FailClosedOptions;
  readonly #names: Set<string>;
  /** Remembered, and not heard of since: they may have been deleted. */
  readonly #unheard: Set<string>;

  constructor(options: FailClosedOptions) {
    this.#options = options;
    this.#names = new Set(remembered(options.path));
    this.#unheard = new Set(this.#names);
    if (this.#names.size > 0) options.changed(new Set(this.#names));
  }

  changed({ name, annotations }: Namespace): void {
    this.#unheard.delete(name);
    const now = annotations[ANNOTATION] === 'true';
    if (now === this.#names.has(name)) return;
    if (now) this.#names.add(name);
    else this.#names.delete(name);
    this.#tell();
  }

  gone(name: string): void {
    this.#unheard.delete(name);
    if (this.#names.delete(name)) this.#tell();
  }

  /** The API server has told of all that there are. */
  heardAll(): void {
    if (this.#unheard.size === 0) return;
    for (const name of this.#unheard) this.#names.delete(name);
    this.#unheard.clear();
    this.#tell();
  }

  #tell(): void {
    const { path, changed, onError } = this.#options;
    changed(new Set(this.#names));
    const error = remember(path, [...this.#names].toSorted(), 'RF3625');
    if (error !== undefined) onError(error);
  }
}

function remembered(path: string): readonly string[] {
  const names = recalled(path);
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}
