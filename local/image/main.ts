/**
 * `npm run image -- --base FILE --out DIR [--platform linux/arm64]`: the recorder’s image without a builder, from a tar
 * of its base. It does what task/Dockerfile says, and prints the image’s digest.
 * `npm run image -- --pin sha256:…`: moves the base to that digest, wherever it is named.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ImageError, type Platform, readBase } from './base.ts';
import { buildImage } from './build.ts';
import { parseDockerfile } from './dockerfile.ts';
import { writeLayout } from './layout.ts';
import { DIGEST, pinBase } from './pin.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const USAGE =
  'npm run image -- --base FILE --out DIR [--platform linux/arm64]\n  npm run image -- --pin sha256:…';

class UsageError extends Error {}

function commandLine() {
  try {
    const { values } = parseArgs({
      options: {
        base: { type: 'string' },
        out: { type: 'string' },
        pin: { type: 'string' },
        platform: { type: 'string', default: 'linux/arm64' },
      },
    });
    const { base, out, pin, platform } = values;
    if (pin !== undefined) {
      if (!DIGEST.test(pin)) throw new UsageError(`${pin} is no digest such as sha256:…, in 64 hex digits`);
      return { pin };
    }
    if (base === undefined || out === undefined) throw new UsageError('--base and --out are needed');
    return { pin: undefined, base, out, platform: platformOf(platform) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function platformOf(text: string): Platform {
  const [, os, architecture] = /^(\w+)\/(\w+)$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined)
    throw new UsageError(`${text} is no platform such as linux/arm64`);
  return { os, architecture };
}

async function main(): Promise<void> {
  const asked = commandLine();
  if (asked.pin !== undefined) {
    const changed = await pinBase(ROOT, asked.pin);
    console.log(changed.length === 0 ? 'nothing has changed' : `changed: ${changed.join(', ')}`);
    return;
  }
  const { base, out, platform } = asked;
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new UsageError(`${out} isn’t empty`);
  const recipe = parseDockerfile(await readFile(join(ROOT, 'task/Dockerfile'), 'utf8'));
  const image = await buildImage(await readBase(base, platform), recipe, (name) =>
    readFile(join(ROOT, 'dist', name)),
  );
  await writeLayout(out, image, platform);
  const bytes = image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0);
  console.log(
    `${image.manifest.digest}, ${(bytes / 1e6).toFixed(1)} MB in ${String(image.blobs.length - 1)} layers`,
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ImageError)) throw error;
  console.error(`callspool: ${error.message}${error instanceof UsageError ? `\n  ${USAGE}` : ''}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
