/** harness: what the kernel tests share: the agent as a process, the intruder, the scene, the policies, the checks. */
export {
  Agent,
  type AgentExit,
  type AgentPlace,
  commandLine,
  launchAgent,
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
export {
  checkEvents,
  checkNothingObtained,
  checkObtained,
  checkOthersUntouched,
  type Expected,
  type Verdict,
  verdictOf,
} from './checks.ts';
export { type ContainerSpec, Containers, type Ran } from './containers.ts';
export { countingObject, readCounts } from './counting-object.ts';
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
export { Lines } from './lines.ts';
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
export { type FileSystem, fileSystemNames, fileSystems, type KnownFile, randomName, Scene } from './scene.ts';
export { countSignals, openRuntime, passes, readOnly, SIGWINCH, viewOf, words } from './selftest.ts';
export { type Actor, Shifter } from './shifter.ts';
export { Siege, type SiegeCounts } from './siege.ts';
export { type Answer, type CallArgument, socketAddress, Trigger } from './trigger.ts';
