/** The image that another is built on, from a tar of an OCI layout or of `docker save`. */
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import * as v from 'valibot';
import {
  type Blob,
  blobOf,
  type Descriptor,
  digestOf,
  ImageConfig,
  Index,
  Manifest,
  MEDIA,
  SavedImages,
} from './formats.ts';

export interface Base {
  readonly config: ImageConfig;
  readonly layers: readonly Blob[];
}

/** `linux/arm64` or `linux/arm64/v8` */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export class ImageError extends Error {
  override readonly name = 'ImageError';
}

const TAR_BYTES_MAX = 1024 ** 3;
const INDEXES_DEEP_MAX = 4;
type Files = ReadonlyMap<string, Uint8Array>;

/** @throws ImageError when there is no such image in it, or its bytes aren't what their digests say */
export async function readBase(file: string, platform: Platform): Promise<Base> {
  const files = await filesIn(file);
  const base = files.has('index.json') ? fromLayout(files, platform) : fromSaved(files);
  const { os, architecture } = base.config;
  if (os !== platform.os || architecture !== platform.architecture)
    throw new ImageError(`the base is for ${os}/${architecture}`);
  if (base.layers.length !== base.config.rootfs.diff_ids.length)
    throw new ImageError('the base has not as many layers as its config says');
  return base;
}

async function filesIn(file: string): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  const reader = createReadStream(file).pipe(extract());
  for await (const entry of reader) {
    total += entry.header.size;
    if (total > TAR_BYTES_MAX) throw new ImageError('the base is larger than 1 GiB');
    const bytes = await buffer(entry);
    if (entry.header.type === 'file') files.set(entry.header.name.replace(/^\.\//, ''), bytes);
  }
  return files;
}

function fromLayout(files: Files, platform: Platform): Base {
  const root = parsed(Index, part(files, 'index.json'));
  const manifest = parsed(Manifest, blob(files, chosen(files, root.manifests, platform)).bytes);
  return {
    config: parsed(ImageConfig, blob(files, manifest.config).bytes),
    layers: manifest.layers.map((layer) => blob(files, layer)),
  };
}

/** The manifest for a platform; an index may name others. One that says no platform is taken where it is the only one. */
function chosen(files: Files, manifests: readonly Descriptor[], wanted: Platform, depth = 0): Descriptor {
  if (depth > INDEXES_DEEP_MAX) throw new ImageError('the base’s indexes lead nowhere');
  const fitting = manifests.filter(
    ({ platform }) =>
      platform === undefined || (platform.os === wanted.os && platform.architecture === wanted.architecture),
  );
  const [one, another] = fitting;
  if (one === undefined) throw new ImageError(`the base has nothing for ${wanted.os}/${wanted.architecture}`);
  if (another !== undefined) throw new ImageError('the base has more than one image for that platform');
  if (!one.mediaType.includes('index') && !one.mediaType.includes('manifest.list')) return one;
  return chosen(files, parsed(Index, blob(files, one).bytes).manifests, wanted, depth + 1);
}

function fromSaved(files: Files): Base {
  const [image, another] = parsed(SavedImages, part(files, 'manifest.json'));
  if (image === undefined || another !== undefined) throw new ImageError('the base isn’t one image');
  return {
    config: parsed(ImageConfig, part(files, image.Config)),
    layers: image.Layers.map((name) => {
      const bytes = part(files, name);
      return blobOf(isGzip(bytes) ? MEDIA.gzipLayer : MEDIA.layer, bytes);
    }),
  };
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Docker’s media types say the same as OCI’s by other names. */
const LAYERS: Readonly<Record<string, string>> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': MEDIA.gzipLayer,
  'application/vnd.docker.image.rootfs.diff.tar': MEDIA.layer,
};

function blob(files: Files, { mediaType, digest, size }: Descriptor): Blob {
  const bytes = part(files, `blobs/${digest.replace(':', '/')}`);
  if (bytes.length !== size || digestOf(bytes) !== digest)
    throw new ImageError(`the base’s ${digest} holds other bytes than its digest says`);
  return { mediaType: LAYERS[mediaType] ?? mediaType, digest, bytes };
}

function part(files: Files, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined)
    throw new ImageError(`the base has no ${name}: is it an OCI layout, or saved by Docker?`);
  return bytes;
}

function parsed<T extends v.GenericSchema>(schema: T, bytes: Uint8Array): v.InferOutput<T> {
  return v.parse(schema, JSON.parse(Buffer.from(bytes).toString('utf8')));
}
