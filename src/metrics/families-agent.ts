/** Metrics of the agent itself: what it is, whether policies enforce, and what it takes of the node. */
import { type Family, oneOf, plain } from './family.ts';

const ENFORCEMENTS = ['enforce', 'monitor', 'off'];

export const agentFamilies: readonly Family[] = [
  {
    name: 'ringfence_build_info',
    type: 'gauge',
    help: 'The version of the agent, and what it runs on; always 1.',
    labels: ['version', 'kernel', 'node_version'],
    read: ({ version, kernelRelease }) => [
      { labels: { version, kernel: kernelRelease, node_version: process.versions.node }, value: 1 },
    ],
  },
  {
    name: 'ringfence_enforcement',
    type: 'gauge',
    help: 'What policies may do on this node whatever they say: enforce; monitor, in detection mode or under the start guard; off, by a break-glass.',
    labels: ['state'],
    read: ({ enforcement }) => oneOf(ENFORCEMENTS, enforcement),
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the agent started, in seconds since 1970.',
    labels: [],
    read: ({ process }) => plain(process.startedSeconds),
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Time of processors that the agent has used, with that of the kernel for it.',
    labels: [],
    read: ({ process }) => plain(process.cpuSeconds),
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the agent; what its programs and maps take in the kernel is not in it.',
    labels: [],
    read: ({ process }) => plain(process.residentBytes),
  },
];
