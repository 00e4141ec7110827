import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes a file that is there, whole, or not at all: what stood there stays until the new one is complete. A device
 * or a pipe is written to as it is.
 * @throws an AbortError when the signal comes first
 */
export async function writeWhole(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal && { signal };
  if (!(await isReplaceable(file))) {
    await pipeline(Readable.from(content), createWriteStream(file), { ...options });
    return;
  }
  const part = `${file}.part`;
  try {
    await pipeline(Readable.from(content), createWriteStream(part), { ...options });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** @returns false where there is nothing of that name */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function isReplaceable(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => true,
  );
}
