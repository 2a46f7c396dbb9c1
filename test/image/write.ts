/** The image from nothing but this repository and its locked packages, as files. */
import { readFileSync } from 'node:fs';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { IMAGE_CONFIG } from './config.ts';
import { writeLayout } from './oci.ts';
import { makeRoot, packRoot } from './root.ts';

/** Writes its root and the image, which are archives; returns its digest. What is in kprobes/build goes in. */
export async function writeImage(root: string, file: string): Promise<string> {
  using scratch = new TemporaryDirectory('image');
  await makeRoot(scratch.path);
  await packRoot(scratch.path, root);
  using layout = new TemporaryDirectory('layout');
  const digest = writeLayout(layout.path, readFileSync(root), IMAGE_CONFIG);
  await packRoot(layout.path, file);
  return digest;
}
