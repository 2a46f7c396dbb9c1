/** Writes a cpio archive in the "newc" format, the one the kernel unpacks as its first file system. */

export type ArchiveEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const FORMAT = { directory: 0o040755, file: 0o100000, link: 0o120777 } as const; // S_IF* of <sys/stat.h>

/** The archive as pieces to write one after another; the parents of an entry must come before it. */
export function* archive(entries: Iterable<ArchiveEntry>): Generator<Uint8Array> {
  let inode = 1;
  for (const entry of entries) yield* member(inode++, entry.path.replace(/^\/+/, ''), modeOf(entry), contentOf(entry));
  yield* member(0, 'TRAILER!!!', 0, new Uint8Array());
}

function modeOf(entry: ArchiveEntry): number {
  return entry.kind === 'file' ? FORMAT.file | entry.mode : FORMAT[entry.kind];
}

function contentOf(entry: ArchiveEntry): Uint8Array {
  switch (entry.kind) {
    case 'directory':
      return new Uint8Array();
    case 'file':
      return entry.content;
    case 'link':
      return Buffer.from(entry.target);
  }
}

function* member(inode: number, path: string, mode: number, content: Uint8Array): Generator<Uint8Array> {
  const name = Buffer.from(`${path}\0`);
  const links = mode === FORMAT.directory ? 2 : 1;
  const fields = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  yield padded(Buffer.concat([Buffer.from(header), name]));
  yield content;
  yield Buffer.alloc(-content.length & 3);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}
