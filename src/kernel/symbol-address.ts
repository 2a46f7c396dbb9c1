/**
 * Addresses of kernel symbols, asked of the kernel by a program: its list of symbols as a file is 10 MB of text, which
 * costs 340 million instructions to read.
 */
import { Assembler, encode } from '#bpf';
import { EnvironmentError } from '#diagnostics';
import { alignUp, assert } from '#std';
import { checked, listening, loadLibbpf, sized } from './ffi.ts';
import { Descriptor } from './handle.ts';
import { readKernelSymbols } from './kallsyms.ts';
import { runProgram } from './program-run.ts';

// include/uapi/linux/bpf.h
const SYSCALL = 31;
const SLEEPABLE = 16;
const KALLSYMS_LOOKUP_NAME = 179;

const ADDRESS_BYTES = 8;
/** Beside the name on the stack there is only the address. */
const NAME_BYTES_MAX = 256;

/** A name that is not there, or whose address kptr_restrict hides, has no entry in the answer. */
export function kernelSymbols(names: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const name of names) {
    const address = symbolAddress(name);
    if (address === undefined) return readKernelSymbols(names);
    if (address !== 0n) found.set(name, address);
  }
  return found;
}

/**
 * 0n where there is no such symbol, or it is hidden; undefined where the kernel does not run such a program, as before
 * 5.16 (d6aef08a872b), or for want of a privilege.
 */
function symbolAddress(name: string): bigint | undefined {
  const program = 'rf_symbol';
  try {
    using loaded = load(program, codeFor(name));
    const { context } = runProgram({ fd: loaded.fd, name: program }, new Uint8Array(ADDRESS_BYTES));
    return new DataView(context.buffer, context.byteOffset).getBigUint64(0, true);
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

/** The address goes into the context; what the helper refuses leaves it as it was. */
function codeFor(name: string): Uint8Array {
  const text = Buffer.from(`${name}\0`, 'latin1');
  const room = alignUp(text.length, 8);
  assert(room <= NAME_BYTES_MAX, 'a name that is too long for the stack');
  const words = Buffer.alloc(room);
  text.copy(words);
  const start = -ADDRESS_BYTES - room;
  const assembler = new Assembler().move('r6', 'r1').storeImmediate(8, 'r10', -ADDRESS_BYTES, 0);
  for (let at = 0; at < room; at += 4) assembler.storeImmediate(4, 'r10', start + at, words.readInt32LE(at));
  assembler
    .move('r1', 'r10')
    .add('r1', start)
    .move('r2', text.length)
    .move('r3', 0)
    .move('r4', 'r10')
    .add('r4', -ADDRESS_BYTES)
    .callHelper(KALLSYMS_LOOKUP_NAME)
    .jumpIf('ne', 'r0', 0, 'end')
    .load(8, 'r1', 'r10', -ADDRESS_BYTES)
    .store(8, 'r6', 0, 'r1')
    .label('end')
    .move('r0', 0)
    .exit();
  const assembly = assembler.assemble();
  assert(assembly.kind === 'assembled', 'the program is short');
  return encode(assembly.code.instructions);
}

function load(name: string, code: Uint8Array): Descriptor {
  const options = sized('rf_prog_opts', { prog_flags: SLEEPABLE });
  const libbpf = loadLibbpf();
  return new Descriptor(
    name,
    listening(() =>
      checked('bpf_prog_load(syscall)', libbpf.bpf_prog_load(SYSCALL, name, 'GPL', code, code.length / 8, options)),
    ),
  );
}
