/** Reads a tape as it grows: what is silent in it, without keeping any of its audio. */
import { type Tape, type TapeObject, TapeObjectUnreadable } from '../../ports/tape/tape.ts';
import type { Gap } from '../../recording/call-record.ts';
import type { Recording } from '../../recording/identity.ts';
import { rangeFrom } from '../../recording/range.ts';
import { TapeMerge, type TapeObjectContent } from '../../recording/tape/merge.ts';
import { Timeline } from '../../recording/audio/timeline.ts';

/** Of a tape that was long before we came, only the end is read: some two hours. */
const CATCH_UP_BYTES_MAX = 256 * 1024 * 1024;

export interface TapeFacts {
  /** Times are ms from the call's start. */
  readonly gaps: readonly Gap[];
  /** Bytes of the tape that were passed over. */
  readonly skippedBytes: number;
}

export class TapeFollower {
  readonly #tape: Tape;
  readonly #recording: Recording;
  readonly #startedAtMs: number;
  readonly #merge: TapeMerge;
  readonly #timeline = new Timeline();
  readonly #seen = new Set<string>();
  #lastFirst = -1n;
  #skippedBytes = 0;
  /** Where in the call the first fragment that was read lies. */
  #offsetMs: number | undefined;

  /** @param startedAtMs Connect's StartTimestamp, epoch ms */
  constructor(tape: Tape, recording: Recording, startedAtMs: number) {
    this.#tape = tape;
    this.#recording = recording;
    this.#startedAtMs = startedAtMs;
    this.#merge = new TapeMerge(recording, rangeFrom(recording));
  }

  /**
   * Reads what has been added since. What lies before what was read (a backfill) is left to the assembly.
   * @param upTo the checkpoint's last fragment: objects are stored side by side, and behind it some may be missing yet
   */
  async poll(upTo: bigint): Promise<TapeFacts> {
    const added: TapeObject[] = [];
    for await (const object of this.#tape.list(this.#recording)) {
      if (object.first > upTo) continue;
      if (!this.#seen.has(object.key) && object.first > this.#lastFirst) added.push(object);
      this.#seen.add(object.key);
    }
    for (const object of this.#affordable(added)) {
      this.#lastFirst = object.first;
      this.#take(await this.#read(object));
    }
    const offsetMs = this.#skippedBytes > 0 ? (this.#offsetMs ?? 0) : 0;
    const gaps = this.#timeline.facts().gaps.map((gap) => ({ ...gap, startMs: gap.startMs + offsetMs }));
    return { gaps, skippedBytes: this.#skippedBytes };
  }

  #affordable(added: readonly TapeObject[]): readonly TapeObject[] {
    let bytes = 0;
    const from = added.findLastIndex((object) => (bytes += object.bytes) > CATCH_UP_BYTES_MAX) + 1;
    for (const object of added.slice(0, from)) this.#skippedBytes += object.bytes;
    return added.slice(from);
  }

  async #read({ key, first, last, uuid }: TapeObject): Promise<TapeObjectContent> {
    try {
      return { first, last, uuid, content: { pieces: await this.#tape.read(key) } };
    } catch (error) {
      if (!(error instanceof TapeObjectUnreadable)) throw error;
      return { first, last, uuid, content: { unreadable: error.message } };
    }
  }

  #take(object: TapeObjectContent): void {
    for (const fragment of this.#merge.add(object)) {
      this.#offsetMs ??= (fragment.serverTimestampMs ?? this.#startedAtMs) - this.#startedAtMs;
      letGo(this.#timeline.add(fragment));
    }
  }
}

/** The audio is placed, and that is all that is wanted. */
function letGo(chunks: Iterator<Uint8Array>): void {
  while (chunks.next().done !== true);
}
