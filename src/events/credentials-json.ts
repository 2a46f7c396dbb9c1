/** Credentials, capabilities and namespaces in the JSON form of the events API. */
import { execFlag } from '#abi';
import type { Credentials, Namespaces, Process } from '#process';

/** By number. The second one lacks its prefix in the events API, and clients know it by that name. */
const capabilities = [
  'CAP_CHOWN DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER',
  'CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE',
  'CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP',
  'CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
]
  .join(' ')
  .split(' ');

const secureBits = [
  'SecBitNoRoot SecBitNoRootLocked SecBitNoSetUidFixup SecBitNoSetUidFixupLocked SecBitKeepCaps SecBitKeepCapsLocked',
  'SecBitNoCapAmbientRaise SecBitNoCapAmbientRaiseLocked',
]
  .join(' ')
  .split(' ');

/** Undefined for one that has no name yet. */
export function capabilityName(number: number): string | undefined {
  return capabilities[number];
}

/** A capability that has no name yet is its number, as protobuf's JSON has it. */
function capabilityNames(set: bigint): string {
  const names: string[] = [];
  // Shifting a bigint for each of 64 bits costs more than all else in the event.
  const halves = [Number(set & 0xffff_ffffn), Number(set >> 32n)];
  halves.forEach((half, index) => {
    for (let rest = half, number = index * 32; rest !== 0; rest >>>= 1, number++) {
      if (rest & 1) names.push(capabilityTexts[number] ?? String(number));
    }
  });
  return names.join(',');
}

const capabilityTexts = capabilities.map((name) => `"${name}"`);

export function capabilitiesJson(credentials: Credentials): string {
  const sets = (['permitted', 'effective', 'inheritable'] as const).filter((set) => credentials[set] !== 0n);
  return `{${sets.map((set) => `"${set}":[${capabilityNames(credentials[set])}]`).join(',')}}`;
}

/** `more`: members that follow, each after its comma. */
export function credentialsJson(credentials: Credentials, more = ''): string {
  const { uid, gid, euid, egid, suid, sgid, fsuid, fsgid } = credentials;
  const ids = JSON.stringify({ uid, gid, euid, egid, suid, sgid, fsuid, fsgid }).slice(0, -1);
  const bits = secureBits.filter((_, bit) => (credentials.securebits >> bit) & 1);
  const securebits = bits.length === 0 ? '' : `,"securebits":${JSON.stringify(bits)}`;
  return `${ids}${securebits},"caps":${capabilitiesJson(credentials)}${more}}`;
}

const namespaceNames = {
  uts: 'uts',
  ipc: 'ipc',
  mnt: 'mnt',
  pid: 'pid',
  pidForChildren: 'pid_for_children',
  net: 'net',
  time: 'time',
  timeForChildren: 'time_for_children',
  cgroup: 'cgroup',
  user: 'user',
} as const satisfies Record<keyof Namespaces, string>;

/** A namespace that the kernel does not have (number 0) is left out. */
export function namespacesJson(namespaces: Namespaces, host: Namespaces | undefined): string {
  const json: Record<string, unknown> = {};
  for (const [key, name] of Object.entries(namespaceNames) as [keyof Namespaces, string][]) {
    const inum = namespaces[key];
    if (inum !== 0) json[name] = inum === host?.[key] ? { inum, is_host: true } : { inum };
  }
  return JSON.stringify(json);
}

/** What the executed file did to the privileges; undefined when there is nothing to say. */
export function binaryPropertiesJson(process: Process): string | undefined {
  const { execFlags, credentials, file } = process;
  const json: Record<string, unknown> = {};
  const changed: string[] = [];
  if (execFlags & execFlag.fileCapabilities) changed.push('PRIVILEGES_RAISED_EXEC_FILE_CAP');
  if (execFlags & execFlag.setuid) {
    changed.push('PRIVILEGES_RAISED_EXEC_FILE_SETUID');
    json.setuid = credentials?.euid;
  }
  if (execFlags & execFlag.setgid) {
    changed.push('PRIVILEGES_RAISED_EXEC_FILE_SETGID');
    json.setgid = credentials?.egid;
  }
  if (changed.length > 0) json.privileges_changed = changed;
  if (file !== undefined && execFlags & (execFlag.memfd | execFlag.unlinked)) {
    json.file = { inode: { number: String(file.inode), links: file.links } };
  }
  return Object.keys(json).length === 0 ? undefined : JSON.stringify(json);
}
