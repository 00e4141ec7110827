/** What is read and written here of the OCI image format (image-spec 1.1); whatever else a base’s config has is kept. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  gzipLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstdLayer: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

const Digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/));
const Platform = v.object({ os: v.string(), architecture: v.string(), variant: v.optional(v.string()) });
const Descriptor = v.object({
  mediaType: v.string(),
  digest: Digest,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  platform: v.optional(Platform),
});
export type Descriptor = v.InferOutput<typeof Descriptor>;

export const Index = v.object({ manifests: v.pipe(v.array(Descriptor), v.maxLength(1_000)) });
export const Manifest = v.object({
  config: Descriptor,
  layers: v.pipe(v.array(Descriptor), v.maxLength(500)),
});

/** What `docker save` writes beside, or in place of, an OCI layout. */
export const SavedImages = v.array(v.object({ Config: v.string(), Layers: v.array(v.string()) }));

const texts = v.record(v.string(), v.string());
export const ImageConfig = v.looseObject({
  architecture: v.string(),
  os: v.string(),
  variant: v.optional(v.string()),
  config: v.optional(
    v.looseObject({
      User: v.optional(v.string()),
      Env: v.nullish(v.array(v.string())),
      Entrypoint: v.nullish(v.array(v.string())),
      Cmd: v.nullish(v.array(v.string())),
      WorkingDir: v.optional(v.string()),
      Volumes: v.nullish(v.record(v.string(), v.unknown())),
      Labels: v.nullish(texts),
    }),
    {},
  ),
  rootfs: v.looseObject({ type: v.literal('layers'), diff_ids: v.array(Digest) }),
  history: v.optional(v.array(v.looseObject({})), []),
});
export type ImageConfig = v.InferOutput<typeof ImageConfig>;

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const blobOf = (mediaType: string, bytes: Uint8Array): Blob => ({
  mediaType,
  digest: digestOf(bytes),
  bytes,
});

/** Named again, the same bytes: its keys are in the order in which they are written here. */
export const jsonBlob = (mediaType: string, value: unknown): Blob =>
  blobOf(mediaType, Buffer.from(JSON.stringify(value)));

export const descriptorOf = ({ mediaType, digest, bytes }: Blob): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});
