/** agent: everything put together, from policies to events. */
export { runAgent } from './agent.ts';
export type { AgentOptions, EventKind, ExportOptions, Log } from './options.ts';
