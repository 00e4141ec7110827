/** What an assembly knows of a recording, and what it is judged by. Pure: whoever gathers it, judges alike. */
import type { TimelineFacts } from '../audio/timeline.ts';
import type { Audio, EndReason, Loss, MediaFacts, Verification } from '../call-record.ts';
import type { Checkpoint, Ended } from '../checkpoint.ts';
import type { Recording } from '../identity.ts';
import type { RecordingRange } from '../range.ts';
import type { TapeMerge } from '../tape/merge.ts';
import type { Contact } from './shared-session.ts';

/** The stream's own list of the recording's span. */
export interface Witness {
  /** When it was asked, epoch ms. */
  readonly askedAtMs: number;
  /** Fragments that it lists in the recording's range, less those that are another contact's; undefined: not asked. */
  readonly listed: readonly bigint[] | undefined;
  /** The last fragment that it lists, whosever: it speaks of all before that. */
  readonly listedUpTo: bigint | undefined;
  /** Why it could not be asked; empty when it was. */
  readonly why: string;
  /** Put on the tape just now. */
  readonly restored: ReadonlySet<bigint>;
  /** Not on the tape, and had just now: another contact's, as they say themselves. */
  readonly ofOthers: ReadonlySet<bigint>;
  /** Listed, not on the tape, and not to be had. */
  readonly gone: readonly bigint[];
  /** Fragments not to be had that were taken for the next contact's. */
  readonly takenForNext: number;
  /** When the last fragment of ours began that it lists, by the server's clock, epoch ms. */
  readonly lastOursMs: number | undefined;
}

/** The WAV that stands, and what the record says of it. */
export interface EarlierAudio {
  readonly audio: Audio;
  readonly media: MediaFacts;
  readonly durationMs: number;
}

/** What an earlier assembly has found: in the record, or in the JSON beside the WAV where the record has been lost. */
export interface Earlier {
  readonly endReason: EndReason | undefined;
  readonly endedAt: string | undefined;
  readonly losses: readonly Loss[];
  readonly disproved: readonly Loss[];
  readonly verification: Verification;
  /** How many of the recording's fragments it had. */
  readonly fragments: number;
  /** Undefined where it made no WAV, or that isn't there any more. */
  readonly standing: EarlierAudio | undefined;
}

export interface Evidence {
  readonly recording: Recording;
  readonly range: RecordingRange;
  readonly checkpoint: Checkpoint & { readonly ended: Ended };
  readonly merge: TapeMerge;
  readonly timeline: TimelineFacts;
  readonly witness: Witness;
  /** The last fragment as the contact's record in Connect names it, where it does. */
  readonly lastNamed: bigint | undefined;
  /** The contact has been over for long enough that the archive's list covers it to its end. */
  readonly listedToEnd: boolean;
  readonly earlier: Earlier | undefined;
  /** Undefined where its record was lost. */
  readonly contact: Contact | undefined;
}
