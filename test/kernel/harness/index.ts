/** harness: what the kernel tests share: the agent as a process, the intruder, the scene, the policies, the checks. */
export {
  Agent,
  type AgentExit,
  type AgentPlace,
  commandLine,
  launchAgent,
  nextCommandLine,
  repository,
  startAgent,
} from './agent.ts';
export {
  Bench,
  type Case,
  checkEnding,
  type Ending,
  type HookSpec,
  policyOf,
  type Spec,
  type Step,
  type Told,
} from './bench.ts';
export { mountVersion1 } from './cgroup-version-1.ts';
export { Cgroups } from './cgroups.ts';
export {
  checkEvents,
  checkNothingObtained,
  checkObtained,
  checkOthersUntouched,
  type Expected,
  type Verdict,
  verdictOf,
} from './checks.ts';
export { Cluster, type CreatedPod, type PodSpec, until } from './cluster.ts';
export { JOB, writeBusyboxImage } from './container-image.ts';
export { Containerd, type ContainerdOptions, hasContainerd } from './containerd.ts';
export { type ContainerSpec, Containers, type Ran } from './containers.ts';
export { type CountingPoint, countingObject, countsIn, readCounts } from './counting-object.ts';
export { type CriContainer, type CriPod, EXITED } from './cri.ts';
export { type Deed, type Example, exampleText, testExamples } from './deeds.ts';
export {
  hookOf,
  type JsonEvent,
  type JsonExec,
  type JsonHook,
  type JsonLsm,
  type JsonProcess,
  pathsOf,
} from './event.ts';
export { Fence, parsed } from './fence.ts';
export { bpftool, type ForeignSource, foreignObject, loadForeign, unpinForeign } from './foreign.ts';
export { Foreigners } from './foreigners.ts';
export {
  type Attack,
  attack,
  attackDirectly,
  type Broker,
  type DirectOutcome,
  type Held,
  holdFile,
  type Outcome,
  type Report,
  startBroker,
} from './intruder.ts';
export { openFunction } from './kernel-names.ts';
export { kernelObjects } from './kernel-objects.ts';
export { Lines } from './lines.ts';
export { metricsFlags, scrape } from './metrics.ts';
export {
  type Delivered,
  freePort,
  hasNatsServer,
  type NatsServer,
  type Subscriber,
  startNatsServer,
  startSubscriber,
} from './nats.ts';
export { type FileRule, policyText, type RuleAction } from './policy.ts';
export { compileOrSpoil, crowd, SPOILED } from './refusing.ts';
export { type FileSystem, fileSystemNames, fileSystems, type KnownFile, randomName, Scene } from './scene.ts';
export { countSignals, openRuntime, passes, readOnly, SIGWINCH, viewOf, words } from './selftest.ts';
export { SharedPlace } from './shared-place.ts';
export { type Actor, Shifter } from './shifter.ts';
export { Siege, type SiegeCounts } from './siege.ts';
export { statusOnce } from './status.ts';
export { type Answer, type CallArgument, socketAddress, Trigger } from './trigger.ts';
