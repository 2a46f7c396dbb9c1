/** workloads: the containers of this node, which pod each belongs to, and the kernel's table of their cgroups. */
export { type CgroupPlace, placeOf, type Runtime } from './cgroup-layout.ts';
export { type ContainerClaim, claimOf, repositoryOf } from './claim.ts';
export { type Hierarchy, hierarchyOfNode } from './hierarchy.ts';
export { type HookDescription, type HookPlace, installHook, uninstallHook } from './hook-install.ts';
export type { HookRequest } from './hook-request.ts';
export type { HookAnswer, HookCounts } from './hook-server.ts';
export { type NriCounts, type NriOptions, NriPlugin } from './nri-plugin.ts';
export { type RegistryCounts, type RegistryOptions, WorkloadRegistry } from './registry.ts';
export { RuntimeHooks, type RuntimeHooksOptions } from './runtime-hooks.ts';
export type { CgroupEntry, CgroupTable, WorkloadSubject } from './table.ts';
export { type PodSink, type WorkloadCounts, Workloads, type WorkloadsOptions } from './workloads.ts';
