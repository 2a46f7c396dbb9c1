/** How the image is run, and what it says of itself; charts/image/Dockerfile says the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageConfig } from './oci.ts';

const { version, description, license } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { readonly version: string; readonly description: string; readonly license: string };

export const IMAGE_CONFIG: ImageConfig = {
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  entrypoint: ['/usr/bin/ringfence'],
  environment: { PATH: '/usr/bin' },
  labels: {
    'org.opencontainers.image.title': 'ringfence',
    'org.opencontainers.image.description': description,
    'org.opencontainers.image.licenses': license,
    'org.opencontainers.image.version': version,
  },
  // in full: an import keeps it as it is, and this is what a kubelet makes of the chart's `ringfence/ringfence`
  name: `docker.io/ringfence/ringfence:${version}`,
};
