/** sensors: what is loaded into the kernel, and how it changes: the base sensor, and the policies beside it. */
export { BaseSensor, type BaseSensorOptions } from './base-sensor.ts';
export type { Hierarchy } from './constants.ts';
export { writeCriticalBinaries } from './critical-binaries.ts';
export { detachAll, detachPinned, detachPolicy, lockNode } from './detach.ts';
export type { DirectoryEntry } from './directory.ts';
export { Guard, type GuardCounts, type GuardedLevel, type GuardOptions, removeGuard } from './guard.ts';
export { readHostNamespaces } from './host-namespaces.ts';
export { type OlderLayout, olderLayouts } from './older-layout.ts';
export { PinnedLayout, Pins } from './pins.ts';
export type { Change } from './policy-change.ts';
export {
  type HookStatus,
  keyOf,
  type PolicyOrigin,
  type PolicyState,
  type PolicyStatus,
  titleOf,
} from './policy-entry.ts';
export type { LoadedPolicies } from './policy-loader.ts';
export { type AddedText, PolicyRegistry, type RegistryOptions } from './policy-registry.ts';
export {
  type Installed,
  type PolicyCounts,
  type PolicyName,
  PolicySensor,
  type PolicySensorOptions,
} from './policy-sensor.ts';
export type {
  PolicyOutcome,
  PolicyPut,
  RefusedVersion,
  SourceChange,
  SourceOrigin,
} from './policy-source.ts';
export type { Started } from './policy-start.ts';
export { type PolicyKeeper, PolicyStore, type PolicyStoreOptions, type StoreProblem } from './policy-store.ts';
export { type Prepared, type PrepareOptions, preparePolicies } from './prepare.ts';
export { stateFileOf } from './saved-state.ts';
export { isStillNeeded, mayStillBeNeeded } from './still-needed.ts';
export { type Finding, Watchdog, type WatchdogCounts, type WatchdogOptions, type WatchedPin } from './watchdog.ts';
export { type WorkloadCounts, type WorkloadEntry, WorkloadTable } from './workload-table.ts';
