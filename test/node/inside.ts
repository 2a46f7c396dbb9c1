/** In the guest of node.test.ts: a containerd with NRI and a kubelet that joins the cluster, until one of them ends. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Containerd, writeBusyboxImage } from '../kernel/harness/index.ts';
import { BUSYBOX_IMAGE, NODE_AT, NODE_VARIABLE, type NodeOfGuest, NRI_SOCKET } from './place.ts';

const DIRECTORY = '/mnt/ext4/node';
const RUNTIME = 'unix:///run/containerd/containerd.sock';

const { kubeconfig, name, address } = JSON.parse(process.env[NODE_VARIABLE] ?? '') as NodeOfGuest;

/** Nothing is ever evicted, no certificate made, nobody served: what is left is what runs pods. */
const config = {
  ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
  ...{ authentication: { anonymous: { enabled: true }, webhook: { enabled: false } } },
  ...{ authorization: { mode: 'AlwaysAllow' }, enableServer: false },
  ...{ cgroupDriver: 'cgroupfs', containerRuntimeEndpoint: RUNTIME, runtimeRequestTimeout: '10m' },
  ...{ failSwapOn: false, makeIPTablesUtilChains: false, localStorageCapacityIsolation: false },
  ...{ enforceNodeAllocatable: ['none'], imageGCHighThresholdPercent: 100, volumeStatsAggPeriod: '-1s' },
  evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
};

mkdirSync(DIRECTORY, { recursive: true });
for (const driver of globSync(join(NODE_AT, '*.ko*'))) {
  const { status, stderr } = spawnSync('insmod', [driver], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`insmod ${driver}: ${stderr}`);
}
const say = (text: string) => process.stdout.write(`node: ${text}\n`);
const files = { config: join(DIRECTORY, 'kubelet.json'), kubeconfig: join(DIRECTORY, 'kubeconfig') };
writeFileSync(files.config, JSON.stringify(config));
writeFileSync(files.kubeconfig, kubeconfig, { mode: 0o600 });

// the images are too much for the scratch disk
await using containerd = new Containerd('/run');
await containerd.start({ sandboxImage: BUSYBOX_IMAGE, nriSocket: NRI_SOCKET, snapshotter: 'overlayfs' });
say('containerd serves');
writeBusyboxImage(join(DIRECTORY, 'busybox.tar'), BUSYBOX_IMAGE);
containerd.importImage(join(DIRECTORY, 'busybox.tar'));
containerd.importImage(join(NODE_AT, 'image.oci.tar'));
say('it has the images');
const flags = [
  ...['--config', files.config, '--kubeconfig', files.kubeconfig, '--root-dir', join(DIRECTORY, 'kubelet')],
  ...['--hostname-override', name, '--node-ip', address, '--v', '1'],
];
const kubelet = spawn(join(NODE_AT, 'node'), ['kubelet', ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
const [status] = await once(kubelet, 'exit');
throw new Error(`the kubelet ended: ${status}\n${containerd.log}`);
