/** An image as an OCI layout: a folder that `crane push`, `skopeo copy oci:DIR` or `oras cp` take as it is. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from './base.ts';
import type { Image } from './build.ts';
import { descriptorOf, MEDIA } from './formats.ts';

export async function writeLayout(
  dir: string,
  { manifest, blobs }: Image,
  platform: Platform,
): Promise<void> {
  const folder = join(dir, 'blobs/sha256');
  await mkdir(folder, { recursive: true });
  for (const { digest, bytes } of [manifest, ...blobs])
    await writeFile(join(folder, digest.replace('sha256:', '')), bytes);
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [{ ...descriptorOf(manifest), platform }],
  };
  await writeFile(join(dir, 'index.json'), JSON.stringify(index));
  // Last: a folder without it isn’t a layout yet.
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
