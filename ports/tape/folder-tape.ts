import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Recording } from '../../recording/identity.ts';
import { tapeKey, tapePrefix } from '../../recording/tape/keys.ts';
import { seal } from '../../recording/tape/seal.ts';
import { fileOf, isMissing, keysIn } from '../objects/folder-files.ts';
import { piecesOf } from '../objects/pieces.ts';
import { type Segment, type Tape, type TapeObject, TapeObjectMissing } from './tape.ts';
import { tapeObjectAt } from './tape-object.ts';

/** The tape as a local run leaves it: one file an object. */
export class FolderTape implements Tape {
  readonly #folder: string;
  readonly #uuid: () => string;

  constructor(folder: string, uuid: () => string = randomUUID) {
    this.#folder = folder;
    this.#uuid = uuid;
  }

  async append(recording: Recording, { first, last, bytes }: Segment): Promise<void> {
    const key = tapeKey(recording, { first, last, uuid: seal(this.#uuid(), bytes) });
    const file = fileOf(this.#folder, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { flag: 'wx' });
  }

  async *list(recording: Recording, from = 0n): AsyncIterable<TapeObject> {
    const prefix = tapePrefix(recording);
    for (const key of await keysIn(this.#folder, prefix)) {
      const { size } = await stat(fileOf(this.#folder, key));
      const object = tapeObjectAt(prefix, key, size);
      if (object !== undefined && object.first >= from) yield object;
    }
  }

  async read(key: string): Promise<readonly Uint8Array[]> {
    try {
      return await piecesOf(createReadStream(fileOf(this.#folder, key)));
    } catch (error) {
      if (isMissing(error)) throw new TapeObjectMissing(key, error);
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(fileOf(this.#folder, key), { force: true });
  }
}
