/** What the systemd unit leaves to the agent; test/systemd.test.ts holds the unit to it, as guests do not have that file. */

/** Bit numbers from include/uapi/linux/capability.h. */
export const serviceCapabilities = {
  CAP_SYS_ADMIN: 21,
  CAP_BPF: 39,
  CAP_PERFMON: 38,
  CAP_SYS_RESOURCE: 24,
  CAP_SYS_PTRACE: 19,
  CAP_DAC_READ_SEARCH: 2,
  CAP_SYSLOG: 34,
} as const;
