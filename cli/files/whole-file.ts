import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';

/** Recordings, records and reports are their owner's alone to read, whatever the umask. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/**
 * Writes a file that is there, whole, or not at all: what stood there stays until the new one is complete. A device
 * or a pipe is written to as it is. Only its owner can read the file.
 * @throws an AbortError when the signal comes first
 */
export async function writeWhole(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  if (!(await isReplaceable(file))) {
    await writeTo(file, content, signal);
    return;
  }
  const part = `${file}.part`;
  try {
    // One that was left by somebody else may be open to others.
    await rm(part, { force: true });
    await writeTo(part, content, signal);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeTo(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(file, 'w', PRIVATE_FILE);
  try {
    for await (const chunk of untilAborted(content, signal)) await writeAll(handle, chunk);
    signal?.throwIfAborted();
  } finally {
    await handle.close();
  }
}

/** A pipe may take less at a time than it is given. */
async function writeAll(handle: FileHandle, chunk: Uint8Array | string): Promise<void> {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

/**
 * Ends with an AbortError as soon as the signal comes, also while the next value is waited for; the source is told so,
 * and not waited for.
 */
async function* untilAborted(
  source: AsyncIterable<Uint8Array> | Iterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array | string> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const leaving = new AbortController();
  const aborted = abortionOf(signal, leaving.signal);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    leaving.abort();
    void leave(iterator);
  }
}

/** Rejects when the signal comes. @param until nobody listens any more */
function abortionOf(signal: AbortSignal | undefined, until: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => {
      reject(new DOMException('This operation was aborted', 'AbortError'));
    };
    signal?.addEventListener('abort', onAbort, { once: true, signal: until });
  });
  aborted.catch(() => undefined);
  return aborted;
}

/** No harm to one that is over; what it still says is of no use to anyone. */
async function leave(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // It was interrupted.
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
