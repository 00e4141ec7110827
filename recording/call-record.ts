/**
 * The call record: what users query. One item a recording in table `…-calls`, and the JSON beside the WAV.
 * Times are ISO 8601 in UTC with milliseconds; a value that isn't known is an absent attribute.
 */
import type { Resumption } from './resumptions.ts';
import type { TranscriptFacts } from './transcript-facts.ts';

/**
 * - `RECORDING`, `ASSEMBLING`: under way
 * - `COMPLETE`: every fragment known of is in the WAV; silence is no loss
 * - `INCOMPLETE`: there is evidence of loss, in `losses`; the WAV holds all the rest
 * - `EMPTY`: no audio of this contact was in the stream, and nothing says that there should have been
 * - `FAILED`: no WAV could be made; `why` says why, and what to do
 */
export const CALL_STATUSES = [
  'RECORDING',
  'ASSEMBLING',
  'COMPLETE',
  'INCOMPLETE',
  'EMPTY',
  'FAILED',
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

export function isFinal(status: CallStatus): boolean {
  return status !== 'RECORDING' && status !== 'ASSEMBLING';
}

/** The two directions, by Connect's own names. Channel 0 (left) is the customer, channel 1 (right) the agent. */
export const TRACKS = ['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'] as const;
export type Track = (typeof TRACKS)[number];

/** Silence that stands for audio that didn't come. Times are ms from frame 0. */
export interface Gap {
  readonly track: Track;
  readonly startMs: number;
  readonly lengthMs: number;
}

export const LOSS_KINDS = [
  /** The fragment that Connect named as the first was not in the stream any more. */
  'START_MISSING',
  /** Fragments that Kinesis Video Streams lists are neither on the tape nor to be had any more. */
  'FRAGMENTS_MISSING',
  /** The last fragment broke off and could not be read again; its complete blocks are kept. */
  'FRAGMENT_CUT',
  /** A fragment of the stream is not the Matroska that Connect writes, on every reading. */
  'FRAGMENT_MALFORMED',
  /** A fragment that can't be placed: another sample rate, not PCM, an unknown track. */
  'FRAGMENT_UNUSABLE',
  /** The stream forgot fragments before they were read. */
  'POSITION_LOST',
  /** An object of the tape can't be read, or is not there any more. */
  'TAPE_DAMAGED',
  /** The recorder stopped before the call was over: no retry could help, or all were used up. */
  'RECORDER_STOPPED',
  /** The call went on for longer than the longest call allowed. */
  'CUT_AT_LIMIT',
] as const;
export type LossKind = (typeof LOSS_KINDS)[number];

export interface Loss {
  readonly kind: LossKind;
  /** Says what happened, and what to do where something can be done. */
  readonly why: string;
  readonly firstFragmentNumber?: string;
  readonly lastFragmentNumber?: string;
  readonly startMs?: number;
  readonly lengthMs?: number;
}

/** Why the recorder took the call for over: `task/ends.ts` says when. `RECORDER_GAVE_UP` is written by the assembly. */
export const END_REASONS = [
  'NEXT_CONTACT',
  'NEXT_RECORDING',
  'STREAMING_STOPPED',
  'DISCONNECTED',
  'STREAM_TAKEN',
  'IDLE',
  'LONGEST_CALL',
  'NO_SUCH_STREAM',
  'ACCESS_DENIED',
  'KEY_UNAVAILABLE',
  'RECORDER_GAVE_UP',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Ends at which the recorder saw that the stream had nothing more of the recording. */
export const SAW_THE_END: ReadonlySet<EndReason> = new Set([
  'NEXT_CONTACT',
  'NEXT_RECORDING',
  'STREAMING_STOPPED',
  'DISCONNECTED',
]);

export interface Audio {
  readonly bucket: string;
  readonly key: string;
  /** The length of the whole file, header included. */
  readonly bytes: number;
  /** The hash of the samples (the WAV's data chunk), in hex. */
  readonly sha256: string;
  readonly sampleRate: number;
  readonly channels: 2;
  readonly frames: number;
}

/** The recording in a further file format, beside the WAV: the same samples. Or why it isn't there. */
export type FurtherFile = StoredFile | MissingFile;

export interface StoredFile {
  /** The format's name in the format list (recording/audio/files/formats.ts). */
  readonly format: string;
  /** The object's key, in the WAV's bucket. */
  readonly key: string;
  /** The length of the whole file, header included. */
  readonly bytes: number;
  readonly headerBytes: number;
  /** The hash of the samples, in hex: the same as the WAV's. */
  readonly sha256: string;
  /** The hash of all that stands behind the file's header, in hex: it checks a copy without decoding it. */
  readonly dataSha256: string;
}

export interface MissingFile {
  readonly format: string;
  /** Why there is none, in words. */
  readonly why: string;
}

export interface MediaFacts {
  /**
   * When frame 0 of the WAV was spoken, by the producer's clock: epoch ms. Whoever listened live counts from the `originMs` that
   * he was told; the two differ where a beginning was found only later. Absent where there is no audio.
   */
  readonly originMs?: number;
  readonly fragments: number;
  readonly gapCount: number;
  readonly gapMs: Readonly<Record<Track, number>>;
  /** The first 500; all of them stand in the JSON beside the WAV. */
  readonly gaps: readonly Gap[];
  /** How many times the timeline followed the server's clock because the producer's had jumped. */
  readonly reanchored: number;
  /** How many blocks came more than a minute late, so that they stand where the WAV could still be written. */
  readonly lateBlocks?: number;
  /** How many blocks had a time that could not be right: they moved nothing but themselves. */
  readonly strayBlocks?: number;
  /**
   * How far each track's audio ran ahead of its own times at most, for longer than a fragment: its rate is not the one
   * that the stream tells, its clock is another than the other track's, or it came more than a minute late.
   */
  readonly aheadMs?: Readonly<Record<Track, number>>;
  /** How many times GetMedia was opened again. */
  readonly reopenings: number;
  /** How many times a task went on where an earlier one had stopped. */
  readonly resumes: number;
  /** The furthest that reading was behind the live edge, in ms (`MILLIS_BEHIND_NOW`). */
  readonly maxBehindMs: number;
}

/**
 * - `LIST_FRAGMENTS`: held against the stream's own list, fragment by fragment
 * - `CONTACT_RECORDINGS`: held against the first and last fragment that the contact's record in Connect names
 * - `NONE`: could not be checked
 */
export const VERIFICATION_METHODS = ['LIST_FRAGMENTS', 'CONTACT_RECORDINGS', 'NONE'] as const;
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number];

/** How completeness was checked against a witness that isn't the recorder. */
export interface Verification {
  readonly method: VerificationMethod;
  readonly at: string;
  /** Why a better method could not be used. */
  readonly why?: string;
  readonly fragmentsListed?: number;
  readonly fragmentsMissing?: number;
  /** Listed behind our last one, not to be had, and taken for the next caller's; absent where there are none. */
  readonly fragmentsTakenForNext?: number;
}

/** A queue or an agent as Connect names it. */
export interface ConnectResource {
  readonly arn?: string;
  readonly name?: string;
}

/** Whether whoever listens while people talk is given a call: decided once, when it starts. */
export const LIVE_CHOICES = ['on', 'off'] as const;
export type LiveChoice = (typeof LIVE_CHOICES)[number];

/** What the connect Lambda writes. */
export interface NewCall {
  readonly contactId: string;
  /** Decimal; a string because DynamoDB's numbers have 38 digits. */
  readonly startFragmentNumber: string;
  readonly recordingId: string;
  readonly status: CallStatus;
  readonly executionArn: string;
  readonly streamArn: string;
  readonly startedAt: string;
  /** UTC date of `startedAt`. */
  readonly day: string;
  readonly instanceArn: string;
  /** Absent in records of versions that knew nothing of it: off. */
  readonly live?: LiveChoice;
  /** The session's last fragment, where the flow has stopped it before the contact was over (Connect's `StopFragmentNumber`). */
  readonly stopFragmentNumber?: string;
  /** The first fragment of the contact's next recording, whose own record has been erased: this one still ends there. */
  readonly nextStartFragmentNumber?: string;
  /** Fragments from there on that were on this recording's tape, too, and have been erased. */
  readonly erasedBehind?: number;
  /** How many of them a task had read live. */
  readonly erasedBehindLive?: number;
  /** From when on every assembly knew of that next recording: what an earlier one made may hold its beginning. ISO 8601 */
  readonly nextKnownFrom?: string;
  /**
   * The recording of an earlier contact of the same call that has the same streaming session. Connect hands a transferred
   * contact the session that was begun before the transfer; whose name the audio carries from then on, it doesn't say.
   */
  readonly sharesStreamWith?: string;
  readonly channel?: string;
  readonly initiationMethod?: string;
  readonly initialContactId?: string;
  readonly previousContactId?: string;
  readonly customerNumber?: string;
  readonly systemNumber?: string;
  readonly queue?: ConnectResource;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a contact event tells. */
export interface ContactFacts {
  readonly connectedToAgentAt?: string;
  readonly disconnectedAt?: string;
  readonly queue?: ConnectResource;
  readonly agent?: ConnectResource;
}

/** What the assembly adds. */
export interface Completion {
  readonly status: CallStatus;
  /** Why the status isn't COMPLETE, in words; absent when it is. */
  readonly why?: string;
  readonly endedAt: string;
  readonly endReason: EndReason;
  readonly durationMs: number;
  /** Tasks that claimed the recording. */
  readonly attempts: number;
  readonly audio?: Audio;
  /** The files in the formats that the deployment asks for beside the WAV; absent where it asks for none. */
  readonly files?: readonly FurtherFile[];
  /** What became of the transcript; absent where nothing was written down. */
  readonly transcript?: TranscriptFacts;
  readonly media: MediaFacts;
  readonly losses: readonly Loss[];
  /** What was noted as lost and was there after all, by better evidence: it stays disproved when that has gone. */
  readonly disproved?: readonly Loss[];
  readonly verification: Verification;
  /** Present where an earlier assembly's WAV holds more than this one could have made: `audio` and `media` are that one's. */
  readonly kept?: KeptAudio;
}

/** When the recording was assembled again, and why its WAV was left as it was. */
export interface KeptAudio {
  readonly at: string;
  readonly why: string;
}

/** What an item had to leave out, since it holds 400 KB: counts of all, where only the first ones stand in it. */
export interface Truncation {
  readonly attributeCount?: number;
  readonly lossCount?: number;
}

/** What is said of a recording that broke off. */
export interface BrokenOff {
  /** What the workflow says of an assembly that failed again and again, as JSON; gone when the next one begins. */
  readonly error?: string;
  /** The latest twenty. */
  readonly resumptions?: readonly Resumption[];
  /** All there were. */
  readonly resumptionCount?: number;
}

/** An item of the calls table: what each writer has written so far. */
export type CallRecord = NewCall & ContactFacts & Partial<Completion> & Truncation & BrokenOff;
