/** Files as a layer of an image. The same files give the same bytes, on every machine and at any time. */
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { Owner } from './dockerfile.ts';
import { type Blob, blobOf, digestOf, MEDIA } from './formats.ts';

export interface Layer {
  readonly blob: Blob;
  /** Digest of the layer before it was compressed, by which the config names it. */
  readonly diffId: string;
}

export interface LayerFile {
  readonly bytes: Uint8Array;
  /** Who owns the file, and the folder that it lies in; root where nobody is named. */
  readonly owner?: Owner;
}

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
/** What every file has: root as its owner, so that the program can’t change itself, and no time. */
const PLAIN: Partial<Header> = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };

/** @param files by their absolute path. @param folders that must be there though they may be empty */
export async function layerOf(
  files: ReadonlyMap<string, LayerFile>,
  folders: readonly string[] = [],
): Promise<Layer> {
  const writer = pack();
  const whole = buffer(writer);
  const owners = new Map(
    [...files].map(([path, { owner }]) => [path.slice(1, path.lastIndexOf('/')), owner]),
  );
  for (const folder of foldersOf([...files.keys()], folders))
    writer.entry({
      ...PLAIN,
      ...owners.get(folder),
      name: `${folder}/`,
      type: 'directory',
      mode: FOLDER_MODE,
    });
  for (const [path, { bytes, owner }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    writer.entry({ ...PLAIN, ...owner, name: path.slice(1), mode: FILE_MODE }, Buffer.from(bytes));
  writer.finalize();
  const tar = await whole;
  return { blob: blobOf(MEDIA.gzipLayer, gzipSync(tar, { level: 9 })), diffId: digestOf(tar) };
}

/** Every folder on the way to what there is, outermost first. */
function foldersOf(files: readonly string[], folders: readonly string[]): string[] {
  const found = new Set<string>();
  const paths = [
    ...files.map((file) => file.split('/').slice(1, -1)),
    ...folders.map((f) => f.split('/').slice(1)),
  ];
  for (const parts of paths)
    parts.forEach((part, index) => {
      if (part !== '') found.add(parts.slice(0, index + 1).join('/'));
    });
  return [...found].sort();
}
