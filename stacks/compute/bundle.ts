/**
 * The programs as they are shipped: one zip a function, one folder for the image. The same bundle gives the
 * same bytes on every machine and at any time, so that a deploy changes only what has changed.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ZippableFile, zipSync } from 'fflate';
import { type FunctionName, NOTICES_FILE } from '../../contract/names.ts';
import { ConfigError } from '../config/config.ts';

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

/** The recorder's and the listener's. */
const IMAGE_PROGRAMS = ['task', 'live'] as const;
/** A folder that the image gives an owner; nothing copies a folder without a file. */
const SHARED_FOLDER = join('run', 'callspool');

/** What the image is built from: the bundles and their licences, the Dockerfile and the script that pushes it. */
export function imageFolder(
  bundles: string,
  dockerfile: string,
  pushScript: string,
  nodeImage: string,
  staging: string,
): ImageFolder {
  const path = join(staging, 'image');
  const programs = IMAGE_PROGRAMS.flatMap((name) =>
    [BUNDLE_FILE, NOTICES_FILE].map((file) => ({
      file: join(name, file),
      bytes: readBundle(join(bundles, name, file)),
    })),
  );
  const files = [
    ...programs,
    { file: join(SHARED_FOLDER, '.keep'), bytes: '' },
    { file: 'Dockerfile', bytes: readFileSync(dockerfile) },
    { file: 'push-image.sh', bytes: readFileSync(pushScript) },
  ];
  for (const { file, bytes } of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), bytes);
    chmodSync(join(path, file), 0o644);
  }
  const hash = createHash('sha256');
  for (const part of [...programs.map(({ bytes }) => bytes), readFileSync(dockerfile), nodeImage]) {
    hash.update(createHash('sha256').update(part).digest());
  }
  return { path, tag: hash.digest('hex').slice(0, TAG_LENGTH) };
}

function readBundle(path: string): Uint8Array {
  if (!existsSync(path)) throw new ConfigError([`there is no bundle ${path}: run "npm run build" first`]);
  return readFileSync(path);
}
