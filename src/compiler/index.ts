/** compiler: policies and a kernel to one BPF object, in a straight line: resolve, lower, allocate, limits, emit. */
export {
  type Compiled,
  type CompileInput,
  type CompileResult,
  compile,
  compileResolved,
  type ResolvedInput,
} from './compile.ts';
export { dumpPlan } from './dump.ts';
export { explain, summarise } from './explain.ts';
export { Findings } from './findings.ts';
export type { HostNamespaces } from './lower.ts';
export type { Identities } from './lower-match.ts';
export type { Program } from './object.ts';
export type * from './plan.ts';
export { strictly } from './report.ts';
export { type Resolution, resolvePolicy } from './resolve.ts';
export type * from './resolved.ts';
export { syscallName } from './syscalls.ts';
