/** An image as one file in the form of the Open Container Initiative, with one layer; equal layers give equal bytes. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type ImageConfig = {
  readonly architecture: 'amd64' | 'arm64';
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `repository:tag`. */
  readonly name: string;
};

const TYPE = 'application/vnd.oci.image';
/** No build has a time of its own. */
const EPOCH = '1970-01-01T00:00:00Z';

type Blob = { readonly mediaType: string; readonly digest: string; readonly size: number };

/** Writes the layout into an empty directory, and returns the digest of the image. */
export function writeLayout(directory: string, layer: Buffer, config: ImageConfig): string {
  const blobs = join(directory, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (mediaType: string, content: Buffer): Blob => {
    const hash = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const json = (mediaType: string, value: object) => blob(mediaType, Buffer.from(JSON.stringify(value)));

  const diff = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const packed = blob(`${TYPE}.layer.v1.tar+gzip`, gzipSync(layer));
  const configuration = json(`${TYPE}.config.v1+json`, {
    created: EPOCH,
    architecture: config.architecture,
    os: 'linux',
    config: {
      Env: Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: config.entrypoint,
      Labels: config.labels,
    },
    rootfs: { type: 'layers', diff_ids: [diff] },
    history: [{ created: EPOCH, comment: 'Debian packages, Node and the bundle' }],
  });
  const manifest = json(`${TYPE}.manifest.v1+json`, {
    ...{ schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json` },
    ...{ config: configuration, layers: [packed], annotations: config.labels },
  });
  const tag = config.name.split(':')[1] ?? 'latest';
  const annotations = { 'io.containerd.image.name': config.name, 'org.opencontainers.image.ref.name': tag };
  const index = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: [{ ...manifest, annotations }] };
  writeFileSync(join(directory, 'index.json'), JSON.stringify(index));
  writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return manifest.digest;
}
