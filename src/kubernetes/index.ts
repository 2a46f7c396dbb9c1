/** kubernetes: what the API server wants of this node, and what it is told. Loaded only where there is a cluster. */
export { type Access, type AccessPlace, readAccess } from './access.ts';
export { ApiClient, type ApiRequest } from './api-client.ts';
export { ApiError, explained } from './api-error.ts';
export { Collector, type CollectorOptions, type CollectorTimes } from './collector.ts';
export { type Labelled, type LabelSink, LabelSource, type LabelSourceOptions } from './label-source.ts';
export { NodeLink, type NodeLinkOptions } from './node-link.ts';
export { type NodeReport, reportOf } from './node-report.ts';
export type { ObservedAgent, ObservedPolicy } from './observed-policy.ts';
export { type PodSink, PodSource, type PodSourceOptions } from './pod-source.ts';
export {
  type PolicyBatch,
  type PolicyKey,
  type PolicyKind,
  type PolicySink,
  PolicySource,
  type PolicySourceOptions,
  type WantedPolicy,
} from './policy-source.ts';
export { Reflector, type ReflectorOptions, type ReflectorSink, type ReflectorTimes } from './reflector.ts';
export type { SourceState } from './source-state.ts';
export { type StatusTimes, StatusWriter, type StatusWriterOptions } from './status-writer.ts';
