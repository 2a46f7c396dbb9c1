/** The words of the quickstart: steps, facts and proofs on a terminal, and a count of what was not proven. */

const LABEL_WIDTH = 10;

export class Story {
  readonly #colour: boolean;
  #step = 0;
  #proven = 0;
  #failed = 0;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  get proofs(): number {
    return this.#proven;
  }

  get failures(): number {
    return this.#failed;
  }

  step(title: string): void {
    this.#step += 1;
    console.log(`\n${this.#paint(1, `${this.#step}  ${title}`)}`);
  }

  fact(label: string, text: string): void {
    console.log(`   ${this.#paint(36, label.padEnd(LABEL_WIDTH))} ${text}`);
  }

  proof(holds: boolean, text: string): void {
    if (holds) this.#proven += 1;
    else this.#failed += 1;
    console.log(`   ${holds ? this.#paint(32, '✓') : this.#paint(31, '✗ NOT SEEN:')} ${text}`);
  }

  /** What somebody else printed. */
  quote(text: string): void {
    for (const line of text.split('\n')) if (line !== '') console.log(`   ${this.#paint(2, '│')} ${line}`);
  }

  #paint(code: number, text: string): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
