/** Tracepoints and the fields of their records, kept as one text of which each event is read when it is asked for. */
import { namesNear } from './names-near.ts';
import type { TracepointField, TracepointFormat, Tracepoints } from './target.ts';

/** Every record begins with these (kernel/trace/trace.h, struct trace_entry). */
export const COMMON_FIELDS: readonly TracepointField[] = [
  { name: 'common_type', type: 'unsigned short', offset: 0, size: 2, signed: false },
  { name: 'common_flags', type: 'unsigned char', offset: 2, size: 1, signed: false },
  { name: 'common_preempt_count', type: 'unsigned char', offset: 3, size: 1, signed: false },
  { name: 'common_pid', type: 'int', offset: 4, size: 4, signed: true },
];

/** By `subsystem/event`, the fields of each without the common ones, which are put before them. */
export function tracepointList(events: Readonly<Record<string, readonly TracepointField[]>>): Tracepoints {
  const blocks = Object.entries(events).map(([name, fields]) =>
    tracepointText(name, { fields: [...COMMON_FIELDS, ...fields] }),
  );
  return tracepointsOfText(blocks.join(''));
}

/**
 * An event in the text that `tracepointsOfText` reads: a line `subsystem/event`, then one for each field,
 * which begins with a tab: name, type, offset, size, 1 or 0 for signed.
 */
export function tracepointText(name: string, { fields }: TracepointFormat): string {
  const lines = fields.map(
    (field) => `\t${field.name}\t${field.type}\t${field.offset}\t${field.size}\t${Number(field.signed)}\n`,
  );
  return `${name}\n${lines.join('')}`;
}

/** A line that has no place in such a text; after the last newline there is nothing. */
const OTHER_LINE = /^(?!(?:[\w-]+\/[\w-]+|\t\w+\t[ -~]+\t\d{1,9}\t\d{1,9}\t[01])$|(?![\s\S]))/m;

export function isTracepointsText(text: string): boolean {
  return text === '' || (text.endsWith('\n') && !OTHER_LINE.test(text));
}

export function tracepointsOfText(text: string): Tracepoints {
  return new TracepointsText(text);
}

class TracepointsText implements Tracepoints {
  /** Begins with a newline, so that every line stands between two. */
  readonly #text: string;

  constructor(text: string) {
    this.#text = `\n${text}`;
  }

  format(subsystem: string, event: string): TracepointFormat | undefined {
    const heading = `\n${subsystem}/${event}\n`;
    const at = this.#text.indexOf(heading);
    if (at < 0) return undefined;
    const fields: TracepointField[] = [];
    let start = at + heading.length;
    while (this.#text[start] === '\t') {
      const end = this.#text.indexOf('\n', start);
      const [name = '', type = '', offset, size, signed] = this.#text.slice(start + 1, end).split('\t');
      fields.push({ name, type, offset: Number(offset), size: Number(size), signed: signed === '1' });
      start = end + 1;
    }
    return { fields };
  }

  similar(name: string, limit: number): readonly string[] {
    return namesNear(name, this.names(), limit);
  }

  names(): readonly string[] {
    return Array.from(this.#text.matchAll(/^[^\t\n]+$/gm), ([name]) => name);
  }
}
