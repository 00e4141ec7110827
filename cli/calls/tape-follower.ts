/** Reads a tape as it grows: what is silent in it, without keeping any of its audio. */
import { TapeReader } from '../../live/tape-reader.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import { Timeline } from '../../recording/audio/timeline.ts';
import type { Gap } from '../../recording/call-record.ts';
import type { Recording } from '../../recording/identity.ts';

/** Only the end of a long tape is read, some two hours, when somebody begins to follow it. */
const CATCH_UP_BYTES_MAX = 256 * 1024 * 1024;

export interface FollowedTape {
  /** Times are ms from the call's start. */
  readonly gaps: readonly Gap[];
  /** Bytes of the tape that were passed over. */
  readonly skippedBytes: number;
}

export class TapeFollower {
  readonly #startedAtMs: number;
  readonly #tape: TapeReader;
  readonly #timeline = new Timeline();
  /** The place in the call of the first fragment that was read. */
  #offsetMs: number | undefined;

  /** @param startedAtMs Connect's StartTimestamp, epoch ms */
  constructor(tape: Tape, recording: Recording, startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
    this.#tape = new TapeReader(tape, recording, { catchUpBytesMax: CATCH_UP_BYTES_MAX });
  }

  /** Reads what has been added since. @param upTo the checkpoint's last fragment */
  async poll(upTo: bigint): Promise<FollowedTape> {
    for await (const fragment of this.#tape.upTo(upTo)) {
      this.#offsetMs ??= (fragment.serverTimestampMs ?? this.#startedAtMs) - this.#startedAtMs;
      letGo(this.#timeline.add(fragment));
    }
    const { skippedBytes } = this.#tape;
    const offsetMs = skippedBytes > 0 ? (this.#offsetMs ?? 0) : 0;
    const gaps = this.#timeline.facts().gaps.map((gap) => ({ ...gap, startMs: gap.startMs + offsetMs }));
    return { gaps, skippedBytes };
  }
}

/** The audio is placed, and that is all that is wanted. */
function letGo(chunks: Iterator<Uint8Array>): void {
  while (chunks.next().done !== true);
}
