/** process: who did it. The bounded table of process images that records are joined with. */
export { type BootClock, bootClock, type ClockReading, FollowingClock } from './boot-clock.ts';
export { base64, execIdOf } from './exec-id.ts';
export type {
  BinaryFile,
  Credentials,
  ForkFacts,
  Namespaces,
  Process,
  ProcessFacts,
  ProcessKey,
  RenderedProcess,
} from './process.ts';
export { type ProcessCounts, ProcessTable, type ProcessTableOptions } from './process-table.ts';
export { decodeText, noText, type Text, textOf } from './text.ts';
export type { ContainerFacts, Labels, Pod, PodFacts, Workload, WorkloadLookup } from './workload.ts';
