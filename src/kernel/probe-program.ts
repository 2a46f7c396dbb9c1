/** Three-instruction programs that ask the kernel what it really does: the only answer that counts. */
import { constants } from 'node:os';
import { Assembler, type BtfView, encode, type FeatureState } from '#bpf';
import { EnvironmentError } from '#diagnostics';
import { assert } from '#std';
import { errnoName } from './errno.ts';
import { checked, listening, loadLibbpf, sized, syslogErrno } from './ffi.ts';
import { Descriptor } from './handle.ts';

// enum bpf_prog_type and enum bpf_attach_type, include/uapi/linux/bpf.h
const TRACING = 26;
const LSM = 29;
const TRACE_FENTRY = 24;
const LSM_MAC = 27;

const YES: FeatureState = { kind: 'yes' };

/** An entry program on a function that exists for tests and is called by nothing else. */
export function probeTrampoline(btf: BtfView): FeatureState {
  const code = new Assembler().move('r0', 0).exit();
  const program = { type: TRACING, attachType: TRACE_FENTRY, name: 'rf_probe_fentry', code };
  return attempt(() => {
    const link = attachProbe(btf, 'bpf_fentry_test1', program);
    link?.close();
    return link === undefined ? { kind: 'unknown', reason: 'its BTF has no function bpf_fentry_test1' } : YES;
  });
}

const PROBE_SYSLOG_TYPE = 0x5246; // no action of syslog(2), kernel/printk/printk.c knows 0 to 10
const PROBE_ERRNO = 121; // EREMOTEIO: no error that syslog(2) has of its own

/**
 * A program on the hook of syslog(2) that denies one request which nobody else makes; then that request. Attaching
 * proves nothing: where `bpf` is not among the active LSMs the program attaches, and the hook never calls it.
 */
export function probeLsm(btf: BtfView, activeLsms: string | undefined): FeatureState {
  const code = new Assembler()
    .move('r0', 0)
    .load(8, 'r1', 'r1', 0)
    .jumpIf('ne', 'r1', PROBE_SYSLOG_TYPE, 'end')
    .move('r0', -PROBE_ERRNO)
    .label('end')
    .exit();
  const program = { type: LSM, attachType: LSM_MAC, name: 'rf_probe_lsm', code };
  return attempt(() => {
    using link = attachProbe(btf, 'bpf_lsm_syslog', program);
    if (link === undefined) return { kind: 'no', reason: 'the kernel was built without CONFIG_BPF_LSM' };
    const answer = syslogErrno(PROBE_SYSLOG_TYPE);
    if (answer === PROBE_ERRNO) return YES;
    const active = activeLsms === undefined ? '' : `; active are: ${activeLsms}`;
    if (answer === constants.errno.EINVAL) {
      return { kind: 'no', reason: `programs attach, but the hooks do not call them${active}` };
    }
    return { kind: 'unknown', reason: `the probe was answered with ${errnoName(answer)}${active}` };
  });
}

type ProbeProgram = {
  readonly type: number;
  readonly attachType: number;
  readonly name: string;
  readonly code: Assembler;
};

/** Undefined when the kernel has no such function. */
function attachProbe(btf: BtfView, functionName: string, probe: ProbeProgram): Descriptor | undefined {
  const functionId = btf.findFunction(functionName);
  if (functionId === undefined) return undefined;
  const libbpf = loadLibbpf();
  const code = bytesOf(probe.code);
  const options = sized('rf_prog_opts', { expected_attach_type: probe.attachType, attach_btf_id: functionId });
  const fd = listening(() =>
    checked(
      `bpf_prog_load(${functionName})`,
      libbpf.bpf_prog_load(probe.type, probe.name, 'GPL', code, code.length / 8, options),
    ),
  );
  using _program = new Descriptor(probe.name, fd);
  return new Descriptor(
    `the link of ${probe.name}`,
    checked(`bpf_raw_tracepoint_open(${functionName})`, libbpf.bpf_raw_tracepoint_open(null, fd)),
  );
}

function bytesOf(assembler: Assembler): Uint8Array {
  const assembly = assembler.assemble();
  assert(assembly.kind === 'assembled', 'a probe program is short');
  return encode(assembly.code.instructions);
}

/** What the kernel refuses to a process that lacks no capability, it does not have. */
function attempt(probe: () => FeatureState): FeatureState {
  try {
    return probe();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    if (error.code === 'RF3001') return { kind: 'unknown', reason: error.message };
    return { kind: 'no', reason: `this kernel refuses such programs even to root: ${error.message}` };
  }
}
