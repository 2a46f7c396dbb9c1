/** Joins objects into one with libbpf's static linker: the compiled policy with the runtime library it calls. */
import { fstatSync, readSync, writeSync } from 'node:fs';
import { assert } from '#std';
import { assertElf } from './elf-check.ts';
import { checked, listening, loadLibbpf, memoryFile, present } from './ffi.ts';
import { Descriptor } from './handle.ts';

const OBJECT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The order of the arguments is the order of linking: the object that defines a map comes before those that only
 * declare it, or the result does not open (libbpf 1.1 to 1.7).
 */
export function linkObjects(objects: readonly Uint8Array[]): Uint8Array {
  assert(objects.length > 0, 'there is something to link');
  objects.forEach(assertElf);
  using output = new Descriptor('the output of the linker', memoryFile('ringfence-linked'));
  using inputs = new DisposableStack();
  const paths = objects.map((object) => pathOf(inputs.use(written(object))));
  listening(() => link(pathOf(output), paths));
  return readAll(output.fd);
}

function link(output: string, inputs: readonly string[]): void {
  const libbpf = loadLibbpf();
  const linker = present('bpf_linker__new', libbpf.bpf_linker__new(output, null));
  try {
    for (const [index, path] of inputs.entries()) {
      checked(`bpf_linker__add_file(object ${index})`, libbpf.bpf_linker__add_file(linker, path, null));
    }
    checked('bpf_linker__finalize', libbpf.bpf_linker__finalize(linker));
  } finally {
    libbpf.bpf_linker__free(linker);
  }
}

/** libbpf before 1.6 links files only; a file in memory has a path too. */
function pathOf(file: Descriptor): string {
  return `/proc/self/fd/${file.fd}`;
}

function written(bytes: Uint8Array): Descriptor {
  const file = new Descriptor('an input of the linker', memoryFile('ringfence-object'));
  for (let done = 0; done < bytes.length; ) done += writeSync(file.fd, bytes, done);
  return file;
}

function readAll(fd: number): Uint8Array {
  const { size } = fstatSync(fd);
  assert(size <= OBJECT_BYTES_MAX, `a linked object has at most ${OBJECT_BYTES_MAX} bytes`);
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const read = readSync(fd, bytes, done, size - done, done);
    assert(read > 0, 'the linked object does not shrink');
    done += read;
  }
  return bytes;
}
