/** What was found of the network beside us, as `doctor` and the status tell it. */
import type { Cni } from './cni.ts';

export type ForeignProgram = {
  readonly id: number;
  /** Such as `sched_cls`, `lsm`. */
  readonly kind: string;
  /** As much as the kernel keeps of it: 15 characters. */
  readonly name: string;
  /** A guess; empty where nothing tells. */
  readonly owner: string;
  /** Such as `connect4 of /sys/fs/cgroup`, `tcx_ingress of eth0`, `lsm bpf_lsm_file_open`; none where it is not seen. */
  readonly at: readonly string[];
  readonly pins: readonly string[];
};

export type NetworkReport = {
  readonly cni: Cni;
  /** Of others; those that are attached where ours can be come first. */
  readonly programs: readonly ForeignProgram[];
  /** Of others, that are not listed. */
  readonly unlisted: number;
  /** Programs of ours. */
  readonly own: number;
  /** Functions that programs of others and ours are both attached to. */
  readonly shared: readonly string[];
  /** What was not looked at, and why. */
  readonly unseen: readonly string[];
};
