/** events: what a record means. Decode, join with process and policy, and the text forms of the result. */
export type { Labels, PodFacts, Workload } from '#process';
export { type CompactOptions, compactRenderer } from './compact.ts';
export { decodeRecord } from './decode.ts';
export type {
  Event,
  ExecEvent,
  ExitEvent,
  HeldEvent,
  Hole,
  Identity,
  KprobeAction,
  LossEvent,
  LossStage,
  PolicyEvent,
  RingName,
  TamperEvent,
  TamperKind,
  TamperOutcome,
  TamperSource,
  Verdict,
} from './event.ts';
export { isPolicyEvent, workloadOf } from './event.ts';
export type { EventArgument } from './event-argument.ts';
export { type JsonOptions, JsonRenderer } from './json.ts';
export { EventPipeline, type EventPipelinePorts, type PipelineCounts, type RecordSource } from './pipeline.ts';
export type { ArgumentDescription, DeclaredHook, HookDescription, PolicyDirectory } from './policy-directory.ts';
export type {
  BytesRecordArgument,
  CredentialsRecordArgument,
  ExecRecord,
  ExitRecord,
  ForkRecord,
  IdentityFacts,
  IntegerRecordArgument,
  KernelRecord,
  MalformedRecord,
  PathRecordArgument,
  PolicyRecord,
  RecordArgument,
  RecordHead,
  SocketFacts,
  SocketRecordArgument,
  StringRecordArgument,
  TamperRecord,
} from './record.ts';
export { type SequenceLoss, type SequenceTotals, SequenceTracker, type SequenceTrackerOptions } from './sequence.ts';
export { foundTampered, type TamperFinding } from './tamper.ts';
