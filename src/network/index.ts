/** network: the datapath beside us. Which network plugin there is, and which BPF programs of others. */
export type { Cni } from './cni.ts';
export { type InspectOptions, inspectNetwork } from './inspect.ts';
export type { ForeignProgram, NetworkReport } from './report.ts';
