/** Runs a program once, now, and hands its verdict back: BPF_PROG_RUN, for self-tests and for setting up maps. */
import { assert } from '#std';
import { checked, listening, loadLibbpf, type ProgramRunOptions, sized } from './ffi.ts';

const CONTEXT_BYTES_MAX = 0xffff; // bpf_prog_test_run_syscall, kernel/bpf/syscall.c: U16_MAX

export type ProgramRun = {
  /** What the program returned, as the signed int that it is in C. */
  readonly returnValue: number;
  /** The context after the run: programs of type `syscall` may write into it. */
  readonly context: Uint8Array;
};

export function runProgram(
  program: { readonly fd: number; readonly name: string },
  context: Uint8Array = new Uint8Array(0),
): ProgramRun {
  assert(context.length <= CONTEXT_BYTES_MAX, `a context has at most ${CONTEXT_BYTES_MAX} bytes`);
  const copy = context.slice(); // the kernel writes the context back to where it came from; ctx_out must stay empty
  const options: ProgramRunOptions & { readonly sz: number } = sized('rf_run_opts', {
    ctx_in: copy.length === 0 ? null : copy,
    ctx_size_in: copy.length,
    retval: 0,
  });
  listening(() =>
    checked(`bpf_prog_test_run(${program.name})`, loadLibbpf().bpf_prog_test_run_opts(program.fd, options)),
  );
  return { returnValue: options.retval | 0, context: copy };
}
