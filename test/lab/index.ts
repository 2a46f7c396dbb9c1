/** lab: guests with a kernel of choice, and what this machine needs to have them. */
export { CONTAINERD_AT, provideContainerdDisk } from './containerd-disk.ts';
export { provideEmulator, standsWrites } from './emulator.ts';
export {
  Guest,
  GuestFailed,
  type GuestOptions,
  type Preemption,
  type RunOptions,
  type RunResult,
  startGuest,
} from './guest.ts';
export { GUEST_ADDRESS, SERVER } from './network.ts';
export { isKernelName, KERNEL_NAMES, type KernelName, providePrograms } from './packages.ts';
export { bundledTest } from './test-bundle.ts';
export { provideTools } from './tools.ts';
export { LabUnavailable } from './unavailable.ts';
