import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildUnlessStanding } from '../../../build.ts';
import { ImageError, readBase } from '../../../local/image/base.ts';
import { buildImage, type Image } from '../../../local/image/build.ts';
import { parseDockerfile } from '../../../local/image/dockerfile.ts';
import {
  descriptorOf,
  digestOf,
  ImageConfig,
  Index,
  jsonBlob,
  Manifest,
  MEDIA,
} from '../../../local/image/formats.ts';
import { layerOf } from '../../../local/image/layer.ts';
import { writeLayout } from '../../../local/image/layout.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ARM = { os: 'linux', architecture: 'arm64' };
const AMD = { os: 'linux', architecture: 'amd64' };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-image-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const writer = pack();
  const whole = buffer(writer);
  for (const [name, content] of Object.entries(files)) writer.entry({ name }, Buffer.from(content));
  writer.finalize();
  return whole;
}

async function baseParts(platform = ARM) {
  const { blob, diffId } = await layerOf(new Map([['/nodejs/bin/node', { bytes: Buffer.from('node') }]]));
  const config = jsonBlob(MEDIA.config, {
    ...platform,
    author: 'somebody',
    config: {
      User: '0',
      Env: ['PATH=/nodejs/bin', 'NODE_ENV=development'],
      Entrypoint: ['/nodejs/bin/node'],
      Cmd: ['--version'],
      WorkingDir: '/home',
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created_by: 'the base' }],
  });
  return { layer: blob, config };
}

/** A base as an OCI layout, its image for each platform below an index of its own. */
async function layoutBase(...platforms: (typeof ARM)[]): Promise<string> {
  const files: Record<string, string | Uint8Array> = { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' };
  const add = ({ digest, bytes }: { digest: string; bytes: Uint8Array }) => {
    files[`blobs/${digest.replace(':', '/')}`] = bytes;
  };
  const manifests = [];
  for (const platform of platforms) {
    const { layer, config } = await baseParts(platform);
    const manifest = jsonBlob(MEDIA.manifest, {
      config: descriptorOf(config),
      layers: [descriptorOf(layer)],
    });
    [layer, config, manifest].forEach(add);
    manifests.push({ ...descriptorOf(manifest), platform });
  }
  const inner = jsonBlob(MEDIA.index, { schemaVersion: 2, manifests });
  add(inner);
  files['index.json'] = JSON.stringify({ manifests: [descriptorOf(inner)] });
  return written('layout.tar', files);
}

/** A base as `docker save` of old writes it. */
async function savedBase(): Promise<string> {
  const { layer, config } = await baseParts();
  return written('saved.tar', {
    'config.json': config.bytes,
    'one/layer.tar': gunzipSync(layer.bytes),
    'manifest.json': JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: ['one/layer.tar'] }]),
  });
}

async function written(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, await tarOf(files));
  return file;
}

/** By task/Dockerfile, from a context that is made up. */
async function build(base: string): Promise<Image> {
  const recipe = parseDockerfile(await readFile(join(ROOT, 'task/Dockerfile'), 'utf8'));
  return buildImage(await readBase(base, ARM), recipe, (name) => Promise.resolve(Buffer.from(`the ${name}`)));
}

async function entriesOf(tar: Uint8Array): Promise<(Header & { text: string })[]> {
  const entries = [];
  for await (const entry of Readable.from([Buffer.from(tar)]).pipe(extract()))
    entries.push({ ...entry.header, text: (await buffer(entry)).toString() });
  return entries;
}

/** What a registry would be given, read from the folder alone. */
async function readLayout(folder: string) {
  const blob = async (digest: string) => {
    const bytes = await readFile(join(folder, 'blobs', digest.replace(':', '/')));
    expect(digestOf(bytes)).toBe(digest);
    return bytes;
  };
  const json = async (digest: string): Promise<unknown> => JSON.parse((await blob(digest)).toString());
  const index = v.parse(Index, JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')));
  const [described] = index.manifests;
  const manifest = v.parse(Manifest, await json(described?.digest ?? ''));
  const config = v.parse(ImageConfig, await json(manifest.config.digest));
  const layers = await Promise.all(manifest.layers.map(({ digest }) => blob(digest)));
  return { described, manifest, config, layers };
}

describe('the image', () => {
  it('is the base with one layer more, for nobody to be root in', async () => {
    const out = join(dir, 'out');
    await writeLayout(out, await build(await layoutBase(AMD, ARM)), ARM);
    const { described, manifest, config, layers } = await readLayout(out);
    expect(described?.platform).toEqual(ARM);
    expect(config).toMatchObject({ ...ARM, author: 'somebody' });
    expect(config.config).toEqual({
      User: '65532:65532',
      Env: ['PATH=/nodejs/bin', 'NODE_ENV=production', 'MALLOC_ARENA_MAX=1'],
      Entrypoint: ['/nodejs/bin/node'],
      Cmd: ['/app/index.mjs'],
      WorkingDir: '/app',
      Volumes: { '/run/callspool': {} },
    });
    expect(layers.length).toBe(2);
    expect(manifest.layers.map(({ size }) => size)).toEqual(layers.map((layer) => layer.length));
    expect(config.rootfs.diff_ids).toEqual(layers.map((layer) => digestOf(gunzipSync(layer))));
    expect(config.history).toHaveLength(2);
  });

  it('holds programs that its user can read and can’t write, and a folder of its own', async () => {
    const { blobs } = await build(await layoutBase(ARM));
    const entries = await entriesOf(gunzipSync(blobs.at(-1)?.bytes ?? new Uint8Array()));
    const seen = entries.map(({ name, mode, uid, gid, type, text }) => [name, mode, uid, gid, type, text]);
    expect(seen).toEqual([
      ['app/', 0o755, 0, 0, 'directory', ''],
      ['app/live/', 0o755, 0, 0, 'directory', ''],
      ['run/', 0o755, 0, 0, 'directory', ''],
      ['run/callspool/', 0o755, 65532, 65532, 'directory', ''],
      ['app/THIRD-PARTY-NOTICES.txt', 0o644, 0, 0, 'file', 'the task/THIRD-PARTY-NOTICES.txt'],
      ['app/index.mjs', 0o644, 0, 0, 'file', 'the task/index.mjs'],
      ['app/live/THIRD-PARTY-NOTICES.txt', 0o644, 0, 0, 'file', 'the live/THIRD-PARTY-NOTICES.txt'],
      ['app/live/index.mjs', 0o644, 0, 0, 'file', 'the live/index.mjs'],
      ['run/callspool/.keep', 0o644, 65532, 65532, 'file', 'the run/callspool/.keep'],
    ]);
    for (const { mtime } of entries) expect(mtime.getTime()).toBe(0);
  });

  it('is the same each time', async () => {
    const base = await layoutBase(ARM);
    expect((await build(base)).manifest.digest).toBe((await build(base)).manifest.digest);
  });

  it('is made from what `docker save` gives, too', async () => {
    const { blobs } = await build(await savedBase());
    const { blobs: others } = await build(await layoutBase(ARM));
    expect(blobs[0]?.digest).toBe(others[0]?.digest);
    expect(blobs[2]?.digest).toBe(others[2]?.digest);
  });

  it('is written by a command, which tells its digest', async () => {
    const base = await layoutBase(ARM);
    const out = join(dir, 'by command');
    await buildUnlessStanding();
    const command = ['--import', 'tsx', 'local/image/main.ts', '--base', base, '--out', out];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
    const { described, config } = await readLayout(out);
    expect(config.architecture).toBe('arm64');
    expect(stdout).toMatch(new RegExp(`^${String(described?.digest)}, \\d+\\.\\d MB in 2 layers\n$`));
    expect((await readdir(out)).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });
});

describe('a base', () => {
  it('is refused where it is for another machine', async () => {
    await expect(readBase(await layoutBase(AMD), ARM)).rejects.toThrow('nothing for linux/arm64');
    await expect(readBase(await savedBase(), AMD)).rejects.toThrow('the base is for linux/arm64');
  });

  it('is refused where its bytes are others', async () => {
    const { layer, config } = await baseParts();
    const manifest = jsonBlob(MEDIA.manifest, {
      config: descriptorOf(config),
      layers: [descriptorOf(layer)],
    });
    const changed = await written('changed.tar', {
      'index.json': JSON.stringify({ manifests: [descriptorOf(manifest)] }),
      [`blobs/${manifest.digest.replace(':', '/')}`]: manifest.bytes,
      [`blobs/${config.digest.replace(':', '/')}`]: config.bytes,
      [`blobs/${layer.digest.replace(':', '/')}`]: layer.bytes.map((byte) => byte ^ 1),
    });
    await expect(readBase(changed, ARM)).rejects.toThrow('other bytes than its digest says');
  });

  it('is refused where it is something else', async () => {
    await expect(readBase(await written('else.tar', { 'a.txt': 'a' }), ARM)).rejects.toThrow(ImageError);
  });
});
