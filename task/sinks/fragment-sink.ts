/**
 * What takes the fragments that a task keeps. The spool is one: it puts them on the tape, and the recorder waits when
 * too much waits for that. Any other is told beside it, and can't make the recorder wait: nothing that it is told is a
 * promise. It must not throw; one that does is told nothing more.
 */
import type { NumberedFragment } from '../../matroska/fragment.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';

/** A fragment of the recording that is kept. */
export interface KeptFragment {
  /** `fragment.number`, and `fragment.pieces`: its bytes verbatim, as they came; they may be held, not written to. */
  readonly fragment: NumberedFragment;
  /** `cut`: it broke off and can't be read again; these are its complete blocks. */
  readonly keptAs: 'whole' | 'cut';
  /** `archive`: it filled a hole, and so it may be numbered below others that have been kept already. */
  readonly source: 'live' | 'archive';
}

/**
 * Why nothing more is kept by this task:
 * - `ended`: the call is over
 * - `superseded`: another task goes on; so does one after `interrupted` (asked to stop) and `failed`
 * - `erased`: the recording has been erased, and nothing of it may be kept
 */
export type SinkEnd = 'ended' | 'superseded' | 'interrupted' | 'failed' | 'erased';

export interface FragmentSink {
  /** Each fragment that is kept, once; those that come live in order of number. */
  take(kept: KeptFragment): void;
  /** Nothing more follows. Told once, last of all. */
  end(why: SinkEnd): void;
}

/** A sink that hands on what is not on the tape yet, and so wants to know what is. */
export interface FeedSink extends FragmentSink {
  /** All that was kept live up to this number is on the tape, and the checkpoint says so. */
  onTape(last: bigint): void;
}

/** What listens can't harm what records: one that throws is told nothing more. */
export function guarded(feed: FeedSink, telemetry: Telemetry): FeedSink {
  let hasFailed = false;
  const tell = (act: () => void) => {
    if (hasFailed) return;
    try {
      act();
    } catch (error) {
      hasFailed = true;
      telemetry.error('the feed has failed; recording goes on without it', error);
    }
  };
  return {
    take: (kept) => {
      tell(() => {
        feed.take(kept);
      });
    },
    onTape: (last) => {
      tell(() => {
        feed.onTape(last);
      });
    },
    end: (why) => {
      tell(() => {
        feed.end(why);
      });
    },
  };
}
