/** compiler: validated policies and a target to one object with one program per hook, or every diagnostic at once. */
export { type CompileInput, type CompileResult, compile } from './compile.ts';
export type { Identities } from './lower.ts';
export type { FileIdentity } from './plan.ts';
