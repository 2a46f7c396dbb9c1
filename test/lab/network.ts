/** A network card for a guest that has to reach one server on this machine: plugged in later, it costs others nothing. */
import { globSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Kernel } from './packages.ts';
import { makeExt4 } from './payload.ts';
import { TemporaryDirectory } from './temporary.ts';
import { LabUnavailable } from './unavailable.ts';

/** Where a guest finds the server; its certificate has to be for this address. */
export const SERVER = { address: '10.0.2.2', port: 6443 } as const;

const GATEWAY = '10.0.2.1';
export const GUEST_ADDRESS = '10.0.2.15';
/** In the order in which they have to be loaded. */
const DRIVERS = ['failover', 'net_failover', 'virtio_net'] as const;
const DISK_BYTES = 8 * 1024 * 1024;
const DRIVERS_AT = '/run/drivers';

/** The emulator starts one for each connection, and hands it that as its standard input and output. */
function relayTo(port: number): string {
  const both = 'cat <&4 >&3 & cat <&3 & wait -n; kill $(jobs -p)';
  return `bash -c 'exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/${port} 4<&0 && { ${both}; }'`;
}

/** `restrict`: nothing else of this machine, nor beyond it, can be reached. */
export function networkArguments(port: number) {
  const forward = `tcp:${SERVER.address}:${SERVER.port}-cmd:${relayTo(port)}`;
  return {
    backend: { type: 'user', id: 'rf-network', restrict: true, host: GATEWAY, guestfwd: [{ str: forward }] },
    device: { driver: 'virtio-net-pci', netdev: 'rf-network', id: 'rf-network-card', romfile: '' },
  };
}

/** Loads the drivers and waits for the card, as it is plugged in while the guest runs. */
export const GUEST_NETWORK = [
  `mkdir -p ${DRIVERS_AT}`,
  `/usr/lib/ringfence/plug rf-drivers ${DRIVERS_AT} ro`,
  ...DRIVERS.map((name) => `insmod ${DRIVERS_AT}/${name}.ko*`),
  'for try in $(seq 200); do [ -e /sys/class/net/eth0 ] && break; usleep 50000; done',
  `ip address add ${GUEST_ADDRESS}/24 dev eth0`,
  'ip link set eth0 up',
].join(' && ');

/** The kernel's own modules, as its package has them. */
export async function makeDriverDisk(image: string, { name, directory }: Kernel): Promise<void> {
  using tree = new TemporaryDirectory('drivers');
  for (const driver of DRIVERS) {
    const [found] = globSync(`{usr/,}lib/modules/*/kernel/**/${driver}.ko*`, { cwd: directory });
    if (found === undefined) throw new LabUnavailable(`the kernel ${name} has no driver ${driver} for a network card`);
    await copyFile(join(directory, found), join(tree.path, basename(found)));
  }
  await makeExt4(image, DISK_BYTES, ['-O', '^has_journal', '-d', tree.path]);
}
