/** metrics: what the agent knows of itself, in the form that Prometheus reads. Loaded only where somebody asks for it. */
export type { AgentNumbers, Enforcement, KernelNumbers, SinkNumbers } from './numbers.ts';
export { MetricsServer, type MetricsServerOptions } from './server.ts';
