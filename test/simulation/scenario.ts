/** What happens in a run: plain values alone, so that a run can be replayed, shrunk, and told in words. */
import type { MediaErrorKind } from '../../ports/media/media.ts';

/** Times are ms. */
export interface Scenario {
  readonly seed: number;
  readonly call: CallPlan;
  readonly service: ServicePlan;
  readonly settings: SettingsPlan;
  readonly faults: readonly Fault[];
  /** Undefined: nobody listens while people talk. */
  readonly listening?: ListeningPlan | undefined;
}

/** Whoever listens to the recordings, and what befalls him; times from the start fragment. */
export interface ListeningPlan {
  readonly beginsMs: number;
  readonly windowMs: number;
  /** So long it takes him to take an output. */
  readonly slowMs: number;
  /** He is sure of what he was given only so many frames later. */
  readonly unsureFrames: number;
  /** The most that the feed lets wait for him. */
  readonly waitingBytesMax: number;
  readonly troubles: readonly ListenerTrouble[];
}

export type ListenerTrouble =
  /** The program dies; the next one is told where it was at last, or some time before, or nothing. */
  | { readonly kind: 'kill'; readonly atMs: number; readonly state: 'kept' | 'old' | 'lost' }
  /** It has to leave, and another one goes on. */
  | { readonly kind: 'leave'; readonly atMs: number }
  /** Whoever is given to takes nothing for so long, or breaks off and can't be reached. */
  | { readonly kind: 'hang' | 'breakOff'; readonly atMs: number; readonly ms: number }
  /** It stands still altogether. */
  | { readonly kind: 'freeze'; readonly atMs: number; readonly ms: number }
  /** The feed's connection breaks. */
  | { readonly kind: 'cut'; readonly atMs: number };

/** Whose a fragment is: a contact before ours on the stream, ours, another's amid ours, ours once it streams again, or a contact after it. */
export const PARTS = ['earlier', 'ours', 'stray', 'next', 'later'] as const;
export type Part = (typeof PARTS)[number];

export interface BlockPlan {
  /** 0: customer, 1: agent. */
  readonly channel: 0 | 1;
  /** When it begins by the producer's clock, from the fragment's beginning; -32,768 to 32,767. */
  readonly atMs: number;
  readonly frames: number;
}

export interface FragmentPlan {
  readonly part: Part;
  /** Nothing is sent for so long before it. */
  readonly pauseMs: number;
  readonly lengthMs: number;
  /** From its end until it can be read. */
  readonly latencyMs: number;
  readonly blocks: readonly BlockPlan[];
  /** It has a ContactId. */
  readonly contactTag: boolean;
  /** It has trailing tags. */
  readonly trailingTags: boolean;
  /** Its audio is not Matroska, on every reading. */
  readonly malformed: boolean;
  /** Nothing of it is Matroska, on every reading: not even its number can be read. */
  readonly garbled?: boolean;
  /** It doesn't say what audio it holds: no MimeType. */
  readonly untyped?: boolean;
  /** Its Segment is not that of the fragments beside it. */
  readonly otherSegment?: boolean;
  /** GetMedia passes it over; the list shows it all the same. */
  readonly hidden?: boolean;
  /** Listed, and not given: for ever, or until so long after the start. */
  readonly withheld?: 'forever' | { readonly untilMs: number } | undefined;
  /** A track's blocks are cut within a sample: the last byte of each comes with the next. */
  readonly cutWithinSamples?: boolean;
  /** From here on the producer's clock is this much further ahead of the server's. */
  readonly clockJumpMs: number;
  /** Its samples are random; the same number gives the same ones. */
  readonly noise: number;
}

export interface CallPlan {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly firstTrack: 'customer' | 'agent';
  readonly connectTags: 'before' | 'after' | 'around';
  readonly knownSizes: boolean;
  readonly clockSkewMs: number;
  /** Connect's StartTimestamp, from the start fragment's server timestamp. */
  readonly startedAtMs: number;
  /** When the recording's execution is started, after the start fragment began. */
  readonly executionAfterMs: number;
  /** When that of the contact's next recording is, after its start; 200 by default. It has to be while it flows. */
  readonly nextAfterMs?: number | undefined;
  readonly fragments: readonly FragmentPlan[];
  /** The contact is over so long after its last fragment was sent; at least 0. */
  readonly disconnectAfterMs: number;
  /** The flow stopped streaming before the contact was over, and started the execution only then. */
  readonly stopped?: boolean;
  /** The contact has an earlier recording, whose record can't be read whole. */
  readonly damagedSibling?: boolean;
  /** When the contact event comes, after that; undefined: it is missed. */
  readonly eventAfterMs: number | undefined;
  /** When DescribeContact tells it, after that; undefined: it never does. */
  readonly describeAfterMs: number | undefined;
}

export interface ServicePlan {
  /** How long a fragment can be read; undefined: for longer than anything here lasts. */
  readonly keepMs: number | undefined;
  readonly archive: boolean;
  /** ListFragments shows a fragment so much later. */
  readonly listingDelayMs: number;
  /** The 45 minutes after which every session ends. */
  readonly sessionMs: number;
  readonly chunkBytes: number | undefined;
  /** From the state's begin until the task's program runs. */
  readonly launchMs: number;
  /** Retries of the on-demand state; the definition's own when undefined. */
  readonly retriesMax: number | undefined;
  /** The deployment's own schedule resumes what broke off, so often; undefined: nobody does by himself. */
  readonly resumeEveryMs?: number | undefined;
}

export interface SettingsPlan {
  readonly segmentMs: number;
  readonly graceMs: number;
  readonly idleTimeoutMs: number;
  readonly longestCallMs: number;
}

export const OPERATIONS = [
  'media.open',
  'media.read',
  'tape.append',
  'tape.list',
  'tape.read',
  'checkpoints.claim',
  'checkpoints.advance',
  'checkpoints.end',
  'checkpoints.read',
  'checkpoints.fence',
  'calls.ofContact',
  'calls.get',
  'calls.assembling',
  'calls.confirm',
  'calls.complete',
  'contacts.describe',
  'archive.list',
  'archive.fetch',
  'archive.read',
  'recordings.standing',
  'recordings.put',
  'recordings.begin',
  'recordings.part',
  'recordings.complete',
  'recordings.abort',
  'events.publish',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The nth call (from 1) of an operation, by whichever process. */
export interface CallSite {
  readonly operation: Operation;
  readonly nth: number;
}

/** `kms`: what is encrypted can't be read, and nothing be encrypted; the rest of S3 answers. */
export const SERVICES = [
  'kinesis',
  'archive',
  's3',
  'kms',
  'dynamodb',
  'connect',
  'eventbridge',
  'ecs',
] as const;
export type Service = (typeof SERVICES)[number];

/** What becomes of the nth GetMedia session. */
export type SessionFault =
  | { readonly how: 'refused'; readonly error: MediaErrorKind }
  | { readonly how: 'cut'; readonly afterBytes: number; readonly by: 'end' | 'stall' | 'error' }
  | { readonly how: 'report'; readonly afterFragments: number; readonly id: number }
  /** Every fragment comes twice, or with the one before it once more. */
  | { readonly how: 'repeats'; readonly what: 'same' | 'previous' }
  /** One byte of the nth fragment is another. */
  | { readonly how: 'corrupt'; readonly fragment: number };

export type Fault =
  /** The process that makes the call dies: before it; after its effect, before the answer; after the answer. */
  | { readonly kind: 'kill'; readonly at: CallSite; readonly when: 'before' | 'effect' | 'after' }
  /** The call fails (because its key can't be used now): without effect; with it; or it takes effect only some time after it has failed. */
  | {
      readonly kind: 'fail';
      readonly at: CallSite;
      readonly when: 'before' | 'effect' | 'late';
      readonly by?: 'key';
    }
  /** No answer comes; the client gives up after `ms`. */
  | { readonly kind: 'hang'; readonly at: CallSite; readonly ms: number; readonly effect: boolean }
  | { readonly kind: 'slow'; readonly at: CallSite; readonly ms: number }
  /** The answer is an earlier one. */
  | { readonly kind: 'stale'; readonly at: CallSite }
  /** The process sleeps, while the workflow thinks that it is dead (`orphan`) or knows nothing of it. */
  | {
      readonly kind: 'freeze';
      readonly at: CallSite;
      readonly when: 'before' | 'effect';
      readonly ms: number;
      readonly orphan: boolean;
    }
  /** Every process of that kind dies at that time (after the start fragment). */
  | { readonly kind: 'killAt'; readonly atMs: number }
  /** SIGTERM to every task. */
  | { readonly kind: 'terminate'; readonly atMs: number }
  /** A second task of the same execution. */
  | { readonly kind: 'twin'; readonly atMs: number }
  /** A task and an assembly of another execution. */
  | { readonly kind: 'stranger'; readonly atMs: number }
  /** Resumption by hand, by another execution. */
  | { readonly kind: 'handOver'; readonly atMs: number }
  /** An operator's command (calls resume); `force`: a recording that says COMPLETE, too. */
  | { readonly kind: 'resume'; readonly atMs: number; readonly force: boolean }
  /** An operator's command (calls erase), again and again until it says that it is done. */
  | {
      readonly kind: 'erase';
      readonly atMs: number;
      /** Ours, the contact's next recording, or all of the contact. */
      readonly of: 'ours' | 'next' | 'contact';
      /** He stops the execution first. */
      readonly stop: boolean;
      /** The command breaks off the first time, after so many of its own calls. */
      readonly breaksOffAfter?: number | undefined;
    }
  /** The stream forgets all that it has had for five minutes. */
  | { readonly kind: 'forget'; readonly atMs: number }
  /** Objects of the tape expire, the oldest first. */
  | { readonly kind: 'expire'; readonly atMs: number; readonly objects: number }
  | { readonly kind: 'outage'; readonly service: Service; readonly atMs: number; readonly ms: number }
  | { readonly kind: 'session'; readonly nth: number; readonly fault: SessionFault };
