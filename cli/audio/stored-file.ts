/** A recording's file in a further format, as the assembly stored it beside the WAV. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type CallRecord, isFinal, type StoredFile } from '../../recording/call-record.ts';
import { isStored } from '../../recording/further-files.ts';
import type { Access } from '../access/access.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { AGAIN } from './write-file.ts';

/** The files that a record names; none of a call that is under way. */
export function storedFiles({ status, files = [] }: CallRecord): readonly StoredFile[] {
  return isFinal(status) ? files.filter(isStored) : [];
}

/**
 * The file as it is.
 * @throws ObjectMissing; CliError at the end, when it is not what the record promises
 */
export async function* storedFileBytes(
  access: Access,
  call: CallRecord,
  file: StoredFile,
): AsyncGenerator<Uint8Array> {
  const check = new DataCheck(file);
  for await (const chunk of access.objectsOf(call).read(file.key, { from: 0, to: file.bytes })) {
    check.add(chunk);
    yield chunk;
  }
  if (check.isRight()) return;
  throw new CliError(EXIT.failed, `${file.key} is not what the record promises (SHA-256)`, AGAIN);
}

/** Tells whether a file of this machine is that one. */
export async function isFilePresent(path: string, file: StoredFile): Promise<boolean> {
  const bytes = await stat(path).then(
    (stats) => stats.size,
    () => -1,
  );
  if (bytes !== file.bytes) return false;
  const check = new DataCheck(file);
  for await (const chunk of createReadStream(path)) if (chunk instanceof Uint8Array) check.add(chunk);
  return check.isRight();
}

/** Holds a file's bytes against what the record says of those behind its header. */
class DataCheck {
  readonly #file: StoredFile;
  readonly #hash = createHash('sha256');
  #at = 0;

  constructor(file: StoredFile) {
    this.#file = file;
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk.subarray(Math.max(0, this.#file.headerBytes - this.#at)));
    this.#at += chunk.length;
  }

  isRight(): boolean {
    return this.#at === this.#file.bytes && this.#hash.digest('hex') === this.#file.dataSha256;
  }
}
