/**
 * The programs as they are shipped: one zip a function, one folder for the image. The same bundle gives the
 * same bytes on every machine and at any time, so that a deploy changes only what has changed.
 */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ZippableFile, zipSync } from 'fflate';
import { ConfigError } from '../config/config.ts';
import { type FunctionName, NOTICES_FILE } from '../../contract/names.ts';

/** The one file that each bundle consists of; the licences of what is in it go with it. */
const BUNDLE_FILE = 'index.mjs';
export const HANDLER = 'index.handler';

export interface Zip {
  readonly path: string;
  /** Base64, as Lambda gives it. */
  readonly sha256: string;
}

const UNIX = 3;
const READABLE_FILE = 0o100644;
/** Zip attributes hold the mode in the upper half. */
const ATTRIBUTES = READABLE_FILE * 2 ** 16;

/** The first moment that a zip can hold. In local time, since that is what a zip's times are. */
const earliest = () => new Date(1980, 0, 1);

/** @param bundles the folder that `npm run build` makes. @param staging where the zip is put. */
export function functionZip(bundles: string, name: FunctionName, staging: string): Zip {
  const entry = (file: string): ZippableFile => [
    readBundle(join(bundles, 'functions', name, file)),
    { os: UNIX, attrs: ATTRIBUTES },
  ];
  const held = { [BUNDLE_FILE]: entry(BUNDLE_FILE), [NOTICES_FILE]: entry(NOTICES_FILE) };
  const bytes = zipSync(held, { level: 9, mtime: earliest() });
  const path = join(staging, `${name}.zip`);
  mkdirSync(staging, { recursive: true });
  writeFileSync(path, bytes);
  return { path, sha256: createHash('sha256').update(bytes).digest('base64') };
}

export interface ImageFolder {
  readonly path: string;
  /** A hash of all that decides what the image is. */
  readonly tag: string;
}

const TAG_LENGTH = 32;

/** What the image is built from: the bundle and its licences, the Dockerfile and the script that pushes it. */
export function imageFolder(
  bundles: string,
  dockerfile: string,
  pushScript: string,
  nodeImage: string,
  staging: string,
): ImageFolder {
  const path = join(staging, 'image');
  const held = [BUNDLE_FILE, NOTICES_FILE].map((file) => ({
    file,
    bytes: readBundle(join(bundles, 'task', file)),
  }));
  mkdirSync(path, { recursive: true });
  for (const { file, bytes } of held) writeFileSync(join(path, file), bytes);
  copyFileSync(dockerfile, join(path, 'Dockerfile'));
  copyFileSync(pushScript, join(path, 'push-image.sh'));
  for (const file of [BUNDLE_FILE, NOTICES_FILE, 'Dockerfile', 'push-image.sh'])
    chmodSync(join(path, file), 0o644);
  const hash = createHash('sha256');
  for (const part of [...held.map(({ bytes }) => bytes), readFileSync(dockerfile), nodeImage]) {
    hash.update(createHash('sha256').update(part).digest());
  }
  return { path, tag: hash.digest('hex').slice(0, TAG_LENGTH) };
}

function readBundle(path: string): Uint8Array {
  if (!existsSync(path)) throw new ConfigError([`there is no bundle ${path}: run "npm run build" first`]);
  return readFileSync(path);
}
