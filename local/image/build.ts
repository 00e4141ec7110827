/** A base and a Dockerfile’s recipe become an image. */
import type { Base } from './base.ts';
import type { Recipe } from './dockerfile.ts';
import { type Blob, descriptorOf, type ImageConfig, jsonBlob, MEDIA } from './formats.ts';
import { type LayerFile, layerOf } from './layer.ts';

export interface Image {
  readonly manifest: Blob;
  /** Everything that the manifest names: its config first, and then its layers. */
  readonly blobs: readonly Blob[];
}

/** No moment, so that the same input is the same image. */
const CREATED = '1970-01-01T00:00:00Z';

/** @param read gives a file of the context, by the name that the Dockerfile has for it */
export async function buildImage(
  base: Base,
  recipe: Recipe,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Image> {
  const files = new Map<string, LayerFile>();
  for (const { from, to, owner } of recipe.copies)
    files.set(to, { bytes: await read(from), ...(owner && { owner }) });
  const layer = await layerOf(files, [recipe.workdir]);
  const config = jsonBlob(MEDIA.config, configOf(base.config, recipe, layer.diffId));
  const layers = [...base.layers, layer.blob];
  const manifest = jsonBlob(MEDIA.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return { manifest, blobs: [config, ...layers] };
}

function configOf(base: ImageConfig, recipe: Recipe, diffId: string): unknown {
  const { rootfs, history, config, ...others } = base;
  const made = { created: CREATED, created_by: 'task/Dockerfile' };
  return {
    ...others,
    created: CREATED,
    config: runConfig(config, recipe),
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, diffId] },
    history: [...history, made],
  };
}

/** A new entry point takes the base’s command away, as with every builder. */
function runConfig(base: ImageConfig['config'], recipe: Recipe): ImageConfig['config'] {
  const { entrypoint, cmd, user, workdir, volumes, labels } = recipe;
  const command = cmd ?? (entrypoint === undefined ? base.Cmd : undefined);
  return {
    ...Object.fromEntries(Object.entries(base).filter(([name]) => name !== 'Cmd')),
    Env: mergedEnv(base.Env ?? [], recipe.env),
    WorkingDir: workdir,
    ...(user !== undefined && { User: user }),
    ...(entrypoint && { Entrypoint: [...entrypoint] }),
    ...(command && { Cmd: [...command] }),
    ...(volumes.length > 0 && {
      Volumes: { ...base.Volumes, ...Object.fromEntries(volumes.map((volume) => [volume, {}])) },
    }),
    ...(labels.size > 0 && { Labels: { ...base.Labels, ...Object.fromEntries(labels) } }),
  };
}

function mergedEnv(base: readonly string[], env: ReadonlyMap<string, string>): string[] {
  const kept = base.filter((pair) => !env.has(pair.split('=')[0] ?? ''));
  return [...kept, ...[...env].map(([name, value]) => `${name}=${value}`)];
}
