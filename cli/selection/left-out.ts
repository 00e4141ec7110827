/** A record that can't be read, or can't be believed, keeps no other from being worked on: it is told of, and left out. */
import { DamagedItem } from '../../ports/table/item.ts';
import { RecordingError } from '../../recording/errors.ts';
import { CliError } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';

export class LeftOut {
  readonly #io: Io;
  #count = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  /** So many so far. */
  get count(): number {
    return this.#count;
  }

  readonly tell = ({ message }: Error): void => {
    this.#count += 1;
    note(this.#io, `left out: ${message}`);
  };

  /** @returns undefined where it is left out. @throws what others would meet, too */
  async unlessOwn<T>(recordingId: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isOfOneCall(error)) throw error;
      this.tell(error instanceof DamagedItem ? error : new Error(`${recordingId}: ${error.message}`));
      return undefined;
    }
  }
}

/** A record that is damaged or promises other than there is; not what every call would meet, such as a full disk. */
export function isOfOneCall(error: unknown): error is Error {
  const kinds = [DamagedItem, RecordingError, CliError, RangeError];
  const isInvalidRange = error instanceof Error && error.name === 'InvalidRange';
  return isInvalidRange || kinds.some((kind) => error instanceof kind);
}
