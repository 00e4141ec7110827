/** A tape as it grows: its fragments in order of number, each once, however often one looks. */
import type { NumberedFragment } from '../matroska/fragment.ts';
import { readTape } from '../ports/tape/read-tape.ts';
import type { Tape, TapeObject } from '../ports/tape/tape.ts';
import type { Recording } from '../recording/identity.ts';
import { rangeFrom } from '../recording/range.ts';
import { TapeMerge } from '../recording/tape/merge.ts';

export interface TapeReaderOptions {
  /** Only fragments numbered above it are given. */
  readonly after?: bigint | undefined;
  /** Where more than that has been stored since the last look, only the end of it is read. Default: all is. */
  readonly catchUpBytesMax?: number;
}

export class TapeReader {
  readonly #tape: Tape;
  readonly #recording: Recording;
  readonly #catchUpBytesMax: number;
  readonly #merge: TapeMerge;
  /** What has been read, or passed over, of what the next look lists. */
  readonly #seen = new Set<string>();
  #last: bigint | undefined;
  /** The next look begins here: nothing of the recording's up to the last checkpoint is stored any more. */
  #from: bigint | undefined;
  #skippedBytes = 0;

  constructor(tape: Tape, recording: Recording, options: TapeReaderOptions = {}) {
    this.#tape = tape;
    this.#recording = recording;
    this.#last = options.after;
    this.#catchUpBytesMax = options.catchUpBytesMax ?? Infinity;
    this.#merge = new TapeMerge(recording, rangeFrom(recording));
  }

  /** Bytes of the tape that were passed over, there being more of them than were to be read. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /**
   * What has been added since, up to a fragment. What lies before what has been given (a hole that was filled since) is
   * left to the assembly.
   * @param last the checkpoint's: objects are stored side by side, and behind it some may be missing yet. Whoever goes
   * on from a checkpoint begins new objects behind it, and it never goes back: so the next look begins there.
   * @throws what keeps the tape from being read now; looking again goes on where this broke off
   */
  async *upTo(last: bigint): AsyncGenerator<NumberedFragment, void> {
    const added: TapeObject[] = [];
    for await (const object of this.#tape.list(this.#recording, this.#from)) {
      if (object.first > last || this.#seen.has(object.key)) continue;
      if (!this.#isNew(object.last)) this.#seen.add(object.key);
      else added.push(object);
    }
    const read = this.#affordable(added);
    for await (const object of readTape(listing(this.#tape, read), this.#recording)) {
      const listed = read.shift();
      yield* this.#notGiven(this.#merge.add(object));
      if (listed !== undefined) this.#seen.add(listed.key);
    }
    yield* this.#notGiven(this.#merge.upTo(last));
    this.#from = last + 1n;
    this.#seen.clear();
  }

  *#notGiven(fragments: Iterable<NumberedFragment>): Generator<NumberedFragment> {
    for (const fragment of fragments) {
      if (!this.#isNew(fragment.number)) continue;
      this.#last = fragment.number;
      yield fragment;
    }
  }

  #isNew(number: bigint): boolean {
    return this.#last === undefined || number > this.#last;
  }

  #affordable(added: readonly TapeObject[]): TapeObject[] {
    let bytes = 0;
    const from = added.findLastIndex((object) => (bytes += object.bytes) > this.#catchUpBytesMax) + 1;
    for (const object of added.slice(0, from)) {
      this.#skippedBytes += object.bytes;
      this.#seen.add(object.key);
    }
    return added.slice(from);
  }
}

/** The part of a tape that these objects are. */
function listing(tape: Tape, objects: readonly TapeObject[]): Pick<Tape, 'list' | 'read'> {
  const listed = [...objects];
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- as a listing is
    async *list() {
      yield* listed;
    },
    read: (key) => tape.read(key),
  };
}
