/** An image of busybox, made on the spot: what runs it downloads nothing. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLayout } from '../../image/oci.ts';

const BUSYBOX = '/usr/bin/busybox';

/** A name of its own for what containers run: the program that holds a pod together is another for policies. */
export const JOB = '/bin/busybox-job';

/** Writes the image called `name` to `file`. Without a command it sleeps, which is enough to hold a pod together. */
export function writeBusyboxImage(file: string, name: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-image-'));
  const [root, layout, layer] = ['root', 'layout', 'layer.tar'].map((each) => join(directory, each)) as [
    string,
    string,
    string,
  ];
  try {
    for (const each of ['bin', 'dev', 'etc', 'out', 'proc', 'sys', 'tmp']) {
      mkdirSync(join(root, each), { recursive: true });
    }
    copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
    linkSync(join(root, 'bin/busybox'), join(root, JOB));
    pack(root, layer);
    mkdirSync(layout);
    writeLayout(layout, readFileSync(layer), {
      architecture: 'amd64',
      entrypoint: ['/bin/busybox', 'sleep', '2147483647'],
      environment: { PATH: '/bin' },
      labels: {},
      name,
    });
    pack(layout, file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function pack(directory: string, file: string): void {
  const { status, stderr } = spawnSync('tar', ['-cf', file, '-C', directory, '.'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar: ${stderr}`);
}
