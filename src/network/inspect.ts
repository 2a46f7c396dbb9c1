/** Looks at the node: its network plugin, and the BPF programs of others. Reads only; nothing of others is changed. */
import { EnvironmentError } from '#diagnostics';
import {
  kernelInventory,
  missingCapabilities,
  type Pinned,
  pinnedPrograms,
  programsOfCgroup,
  programsOfInterface,
  readVmlinuxBtf,
  VMLINUX_BTF,
} from '#kernel';
import { btfTypeId } from '#std';
import { beside, type Place } from './beside.ts';
import { detectCni } from './cni.ts';
import { attachTypeName, attachTypeOf } from './names.ts';
import { cgroups, interfaces, type Listed } from './places.ts';
import type { NetworkReport } from './report.ts';

export type InspectOptions = {
  readonly cniDirectory?: string;
  /** Where our own pins are. */
  readonly pins?: string | undefined;
};

const CNI_DIRECTORY = '/etc/cni/net.d';
const BPFFS = '/sys/fs/bpf';

const OBJECTS_MAX = 4096;
const INTERFACES_MAX = 256;
const CGROUPS_MAX = 256;
const PINS_MAX = 2048;
const PIN_DEPTH_MAX = 8;

/** What steers sockets and packets of a cgroup. */
const CGROUP_TYPES: readonly number[] = [
  ...['cgroup_ingress', 'cgroup_egress', 'cgroup_sock_create', 'sock_ops', 'connect4', 'connect6'],
  ...['sendmsg4', 'sendmsg6', 'recvmsg4', 'recvmsg6', 'bind4', 'bind6', 'cgroup_device'],
].map(attachTypeOf);

/** Of its BTF objects the kernel's own has the first number: those of modules need it. */
const VMLINUX_BTF_ID = 1;

/** What could not be looked at is said in it, and no reason to fail. */
export function inspectNetwork({ cniDirectory = CNI_DIRECTORY, pins }: InspectOptions = {}): NetworkReport {
  const devices = interfaces(INTERFACES_MAX);
  const pinned = orWhy(() => pinsOfOthers(pins));
  const names = pinned.kind === 'found' ? pinned.value.names : [];
  const cni = detectCni({ directory: cniDirectory, interfaces: [...devices.found.values()], pins: names });
  const looked = pinned.kind === 'found' ? orWhy(() => programs(devices, pinned.value)) : pinned;
  if (looked.kind === 'found') return { cni, ...looked.value };
  return { cni, programs: [], unlisted: 0, own: 0, shared: [], unseen: [`programs: ${looked.reason}`] };
}

type Looked<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'unseen'; readonly reason: string };

function orWhy<Value>(look: () => Value): Looked<Value> {
  const missing = missingCapabilities();
  if (missing.length > 0) return { kind: 'unseen', reason: `it takes root (${missing.join(', ')})` };
  try {
    return { kind: 'found', value: look() };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { kind: 'unseen', reason: error.message };
  }
}

/** Where an agent of ours guards its maps, opening them would be told as tampering. */
function pinsOfOthers(own: string | undefined): Pinned {
  return pinnedPrograms(BPFFS, {
    ...{ pinsMax: PINS_MAX, depthMax: PIN_DEPTH_MAX },
    except: (path) => path === own || path.startsWith(`${BPFFS}/ringfence`),
  });
}

function programs(devices: Listed<number, string>, pinned: Pinned): Omit<NetworkReport, 'cni'> {
  const groups = cgroups(CGROUPS_MAX);
  const inventory = kernelInventory({ objectsMax: OBJECTS_MAX });
  const byProgram = Map.groupBy(pinned.programs, ({ programId }) => programId);
  const found = beside({
    inventory,
    pins: new Map([...byProgram].map(([id, at]) => [id, at.map(({ path }) => path)])),
    attached: [...ofCgroups(groups), ...ofInterfaces(devices)],
    interfaces: devices.found,
    cgroups: groups.found,
    functionName: functionNames(),
  });
  const unseen = [
    inventory.more ? `programs and links beyond the first ${OBJECTS_MAX}` : '',
    devices.more ? `interfaces beyond the first ${INTERFACES_MAX}` : '',
    groups.more ? `what is attached without a link to cgroups beyond the first ${CGROUPS_MAX}` : '',
    pinned.more ? `pins beyond the first ${PINS_MAX}` : '',
  ].filter((each) => each !== '');
  return { ...found, unseen };
}

function ofCgroups({ found }: Listed<bigint, string>): readonly Place[] {
  return [...found.values()].flatMap((path) =>
    [...programsOfCgroup(path, CGROUP_TYPES)].flatMap(([type, ids]) =>
      ids.map((programId) => ({ programId, at: `${attachTypeName(type)} of ${path}` })),
    ),
  );
}

function ofInterfaces({ found }: Listed<number, string>): readonly Place[] {
  return [...found].flatMap(([index, name]) =>
    programsOfInterface(index).map(({ at, id }) => ({ programId: id, at: `${at} of ${name}` })),
  );
}

/** The types of the kernel are read when a program needs them. */
function functionNames(): (btfObject: number, btfType: number) => string | undefined {
  let btf: ReturnType<typeof readVmlinuxBtf> | undefined;
  return (btfObject, btfType) => {
    if (btfObject !== VMLINUX_BTF_ID) return undefined;
    btf ??= readVmlinuxBtf(VMLINUX_BTF);
    return btf.name(btfTypeId(btfType)) || undefined;
  };
}
