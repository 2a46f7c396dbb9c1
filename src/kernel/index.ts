/** kernel: objects linked, loaded and attached through libbpf; maps and rings read; what this machine can do. */
export { AttachRefused } from './attach-refused.ts';
export { type InterfaceProgram, programsOfCgroup, programsOfInterface } from './attached.ts';
export { Link, readIterator } from './attachment.ts';
export { isOnBpffs, mountBpffs, pinsIn, unpin, unpinAll } from './bpffs.ts';
export { CgroupPaths } from './cgroup-paths.ts';
export { errnoName, missingCapabilities } from './errno.ts';
export {
  architecture,
  FEATURES_NEEDED,
  probeTarget,
  readVmlinuxBtf,
  requireFeatures,
  requirePrivileges,
  VMLINUX_BTF,
} from './features.ts';
export { loadLibbpf } from './ffi.ts';
export { FileLock } from './file-lock.ts';
export { Descriptor } from './handle.ts';
export { type LinkInfo, type LinkTarget, type ProgramInfo, programInfoById, programMapIds } from './info.ts';
export { type Inventory, kernelInventory } from './inventory.ts';
export { KALLSYMS } from './kallsyms.ts';
export { linkObjects } from './linker.ts';
export {
  BPF_F_MMAPABLE,
  BPF_F_NO_PREALLOC,
  BPF_F_RDONLY_PROG,
  BpfMap,
  type MapEntry,
  type MapShape,
  mapTypes,
  openPidfd,
  possibleCpus,
  type UpdateMode,
  u32Key,
} from './map.ts';
export { MappedMemory } from './mapped-memory.ts';
export { BpfObject, type OpenOptions } from './object.ts';
export { type Pinned, type PinnedProgram, pinnedPrograms } from './pinned.ts';
export { BpfProgram } from './program.ts';
export { type ProgramRun, runProgram } from './program-run.ts';
export { RingBuffer, type RingMap, type RingPages, type VisitRecord } from './ring-buffer.ts';
export { RingWaiter, type WaitedRing, type WaiterOptions } from './ring-waiter.ts';
export { kernelSymbols } from './symbol-address.ts';
export { LoadRejected, type QuotedLine } from './verifier-log.ts';
