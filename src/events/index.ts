/** events: what a record means. Decode, join with process and policy, and the text forms of the result. */
export { type CompactOptions, compactRenderer } from './compact.ts';
export { decodeRecord } from './decode.ts';
export type {
  Event,
  EventArgument,
  ExecEvent,
  ExitEvent,
  Hole,
  Identity,
  KprobeAction,
  LossEvent,
  LossStage,
  LsmEvent,
  RingName,
  Verdict,
} from './event.ts';
export { type JsonOptions, JsonRenderer } from './json.ts';
export { EventPipeline, type EventPipelinePorts, type PipelineCounts, type RecordSource } from './pipeline.ts';
export type { ArgumentDescription, HookDescription, PolicyDirectory } from './policy-directory.ts';
export type {
  ExecRecord,
  ExitRecord,
  ForkRecord,
  IntegerRecordArgument,
  KernelRecord,
  MalformedRecord,
  PathRecordArgument,
  PolicyRecord,
  RecordArgument,
  RecordHead,
} from './record.ts';
export { type SequenceLoss, type SequenceTotals, SequenceTracker, type SequenceTrackerOptions } from './sequence.ts';
