/** control: the agent's local socket, its server, and the client that commands use. */
export { type ClientOptions, ControlClient } from './client.ts';
export { EventBus } from './event-bus.ts';
export { LogTail } from './log-tail.ts';
export type { ControlPorts, EventForm, EventPort } from './ports.ts';
export type {
  AgentStatus,
  ChangeAnswer,
  ClusterStatus,
  ContainersStatus,
  ControlStatus,
  EventsQuery,
  LossCount,
  NetworkStatus,
  PoliciesAnswer,
  PolicyMode,
  RingStatus,
  StartGuardStatus,
  StatusAnswer,
  SysdumpAnswer,
} from './protocol.ts';
export { redact, redactText } from './redact.ts';
export { ControlServer, type ControlServerOptions } from './server.ts';
