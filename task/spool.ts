/**
 * Puts fragments on the tape while more are read.
 *
 * Life of a segment: fragments are gathered → the tape object is stored → the checkpoint advances to its last
 * fragment. Some segments are stored side by side; the checkpoint follows the first of them that isn't stored yet, and
 * skips what it is too late for. A crash before the object leaves nothing; a crash before the checkpoint leaves objects
 * that the successor reads, and stores, once more. Reading goes on meanwhile; when too much waits to be stored,
 * {@link Spool.add} makes the reader wait.
 */
import { byteLengthOf } from '../matroska/fragment.ts';
import type { Checkpoints, Claim } from '../ports/checkpoints/checkpoints.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Tape } from '../ports/tape/tape.ts';
import type { Loss, LossKind } from '../recording/call-record.ts';
import type { Checkpoint, Counters, Position, Progress } from '../recording/checkpoint.ts';
import { LOSSES_MAX } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';
import { withLoss } from '../recording/losses/merging.ts';
import { TASK_METRICS } from '../contract/metrics.ts';
import { lengthMsOf } from '../recording/audio/pcm.ts';
import { isBehind, type RecordingRange } from '../recording/range.ts';
import type { OwnFragment } from '../recording/ownership.ts';
import { persistently } from './persistently.ts';
import { positionAfter } from '../reading/position.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';

export interface SpoolOptions {
  readonly recording: Recording;
  readonly tape: Tape;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly claim: Claim;
  /** What the claim found: counting goes on from there. */
  readonly checkpoint: Checkpoint;
  /** Media in a segment. */
  readonly segmentMs: number;
  /** Called whenever something moves, so that a watchdog sees it. */
  readonly alive: () => void;
}

/** A segment is stored sooner when it has this much. */
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** Not stored yet; beyond it the reader waits for as long as it takes. */
const WAITING_BYTES_MAX = SEGMENT_BYTES_MAX;
/**
 * Beyond it the reader waits for a segment to be stored, but not for long. Catching up, reading is faster than storing:
 * this decides about memory. While S3 doesn't answer, it slows reading at live pace by nothing, so that what is read
 * doesn't have to be kept by the stream.
 */
const WAITING_BYTES_USUAL = 1024 * 1024;
const USUAL_WAIT_MS = 250;
/** A segment is stored after this many times its length, however little has come. */
const AGE_FACTOR = 2;
/** Catching up, the tape's answers are waited for side by side; at live pace one segment is stored long before the next. */
const STORED_SIDE_BY_SIDE = 4;

const STOPS: ReadonlySet<LossKind> = new Set(['RECORDER_STOPPED', 'CUT_AT_LIMIT']);

interface OpenSegment {
  readonly first: bigint;
  last: OwnFragment;
  fragments: number;
  /** All that is kept of the others, so that what was read out of them is forgotten while it is young. */
  readonly pieces: Uint8Array[];
  readonly sinceMs: number;
  bytes: number;
  mediaMs: number;
  lastCameAtMs: number;
}

/** On its way to the tape, or there already and not yet in the checkpoint. */
interface ClosedSegment extends Pick<
  OpenSegment,
  'first' | 'fragments' | 'bytes' | 'mediaMs' | 'lastCameAtMs'
> {
  readonly position: Position;
  readonly behindMs: number;
  /** Given up once it is stored. */
  content: Uint8Array | undefined;
}

export class Spool {
  readonly #options: SpoolOptions;
  #open: OpenSegment | undefined;
  /** In order. */
  readonly #closed: ClosedSegment[] = [];
  /** How many of them have been begun to be stored: the first ones. */
  #begun = 0;
  #storing = 0;
  #unstoredBytes = 0;
  #advancing = false;
  readonly #waiters: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;
  #position: Position | undefined;
  #counters: Counters;
  #losses: readonly Loss[];
  /** The stream's own counts, added to those that earlier attempts left. */
  #reopenings = 0;
  #reopeningsPublished = 0;
  #maxBehindMs: number;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#position = options.checkpoint.position;
    this.#counters = options.checkpoint.counters;
    // How an earlier run stopped is no loss any more, since this one goes on from there.
    this.#losses = options.checkpoint.losses.filter(({ kind }) => !STOPS.has(kind));
    this.#maxBehindMs = options.checkpoint.counters.maxBehindMs;
  }

  /** Where and how far the tape reaches: what has been stored, not what has been read. */
  get progress(): Progress {
    const { reopenings } = this.#options.checkpoint.counters;
    return {
      ...(this.#position && { position: this.#position }),
      counters: {
        ...this.#counters,
        reopenings: reopenings + this.#reopenings,
        maxBehindMs: this.#maxBehindMs,
      },
      losses: this.#losses,
    };
  }

  /** Notes what is known to be lost, once; it is written with the next checkpoint. */
  declare(loss: Loss): void {
    this.#losses = withLoss(this.#losses, loss, LOSSES_MAX);
  }

  /** What was lost behind the range was none of this recording's. */
  disownBehind(range: RecordingRange): void {
    this.#losses = this.#losses.filter(({ firstFragmentNumber: first }) => {
      return first === undefined || !isBehind(range, BigInt(first));
    });
  }

  /** Notes how the reading fares; it is written with the next checkpoint. @param openings sessions so far */
  observe(openings: number, behindMs: number): void {
    this.#reopenings = Math.max(0, openings - 1);
    this.#maxBehindMs = Math.max(this.#maxBehindMs, behindMs);
  }

  /** Takes the next fragment. @throws Superseded, or what keeps a segment from being stored. */
  async add(fragment: OwnFragment): Promise<void> {
    const nowMs = this.#options.clock.now();
    const open = (this.#open ??= newSegment(fragment, nowMs));
    open.last = fragment;
    open.fragments += 1;
    open.pieces.push(...fragment.pieces);
    open.bytes += byteLengthOf(fragment);
    open.mediaMs += lengthMsOf(fragment);
    open.lastCameAtMs = nowMs;
    if (open.mediaMs >= this.#options.segmentMs || open.bytes >= SEGMENT_BYTES_MAX) this.#closeSegment();
    if (this.#unstoredBytes > WAITING_BYTES_USUAL && !this.#failure) await this.#movedSoon();
    while (this.#unstoredBytes > WAITING_BYTES_MAX && !this.#failure) await this.#moved();
    this.throwIfFailed();
  }

  /** Stores what little has come when it has waited long enough. */
  storeIfOld(): void {
    if (!this.#open) return;
    const ageMs = this.#options.clock.now() - this.#open.sinceMs;
    if (ageMs >= AGE_FACTOR * this.#options.segmentMs) this.#closeSegment();
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Stores all that is left. @throws like {@link add}. */
  async finish(): Promise<void> {
    this.#closeSegment();
    while ((this.#closed.length > 0 || this.#advancing) && !this.#failure) await this.#moved();
    this.throwIfFailed();
  }

  /** Resolves when nothing is on its way to the tape any more. Only after it has failed: else more may follow. */
  async settled(): Promise<void> {
    while (this.#storing > 0) await this.#moved();
  }

  #closeSegment(): void {
    const segment = this.#open;
    this.#open = undefined;
    if (!segment) return;
    const { last, pieces, first, fragments, bytes, mediaMs, lastCameAtMs } = segment;
    this.#closed.push({
      first,
      position: positionAfter(last),
      behindMs: last.millisBehindNow ?? 0,
      fragments,
      bytes,
      mediaMs,
      lastCameAtMs,
      content: Buffer.concat(pieces),
    });
    this.#unstoredBytes += bytes;
    this.#storeWaiting();
  }

  #storeWaiting(): void {
    for (; this.#storing < STORED_SIDE_BY_SIDE && !this.#failure; this.#begun += 1) {
      const segment = this.#closed[this.#begun];
      if (!segment) return;
      this.#storing += 1;
      void this.#store(segment);
    }
  }

  async #store(segment: ClosedSegment): Promise<void> {
    const { recording, tape } = this.#options;
    const { first, position, content: bytes } = segment;
    if (!bytes) return;
    try {
      await persistently('store a tape object', this.#options, () =>
        tape.append(recording, { first, last: position.lastFragmentNumber, bytes }),
      );
      segment.content = undefined;
      this.#unstoredBytes -= segment.bytes;
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#storing -= 1;
    this.#storeWaiting();
    if (!this.#advancing) void this.#advance();
    this.#wake();
  }

  /** As long as there is something to say that the checkpoint doesn't. */
  async #advance(): Promise<void> {
    this.#advancing = true;
    try {
      for (let stored = this.#takeStored(); stored.length > 0; stored = this.#takeStored()) {
        for (const segment of stored) this.#count(segment);
        await persistently('advance the checkpoint', this.#options, () =>
          this.#options.checkpoints.advance(this.#options.claim, this.progress),
        );
        this.#publish(stored);
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#advancing = false;
    this.#wake();
  }

  /** Off the list: the segments that are stored, up to the first that isn't. */
  #takeStored(): ClosedSegment[] {
    const unstored = this.#closed.findIndex(({ content }) => content !== undefined);
    const stored = this.#closed.splice(0, unstored < 0 ? this.#closed.length : unstored);
    this.#begun -= stored.length;
    return stored;
  }

  #count(segment: ClosedSegment): void {
    const counters = this.#counters;
    this.#position = segment.position;
    this.#counters = {
      ...counters,
      fragments: counters.fragments + segment.fragments,
      bytes: counters.bytes + segment.bytes,
      segments: counters.segments + 1,
      mediaMs: Math.round(counters.mediaMs + segment.mediaMs),
    };
  }

  /** Of segments that reached the checkpoint together. */
  #publish(segments: readonly ClosedSegment[]): void {
    const [oldest] = segments;
    const last = segments.at(-1);
    if (!oldest || !last) return;
    this.#options.telemetry.publish([
      [TASK_METRICS.fragments, segments.reduce((sum, { fragments }) => sum + fragments, 0)],
      [TASK_METRICS.mediaLagMs, last.behindMs],
      [TASK_METRICS.segmentLatencyMs, this.#options.clock.now() - oldest.lastCameAtMs],
      [TASK_METRICS.reopenings, this.#reopenings - this.#reopeningsPublished],
    ]);
    this.#reopeningsPublished = this.#reopenings;
  }

  /** Resolves when a segment has been stored or the checkpoint written, or one of it has failed. */
  #moved(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  async #movedSoon(): Promise<void> {
    const enough = new AbortController();
    await Promise.race([this.#moved(), this.#options.clock.sleep(USUAL_WAIT_MS, enough.signal)]);
    enough.abort('enough');
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

function newSegment(first: OwnFragment, nowMs: number): OpenSegment {
  return {
    first: first.number,
    last: first,
    fragments: 0,
    pieces: [],
    sinceMs: nowMs,
    bytes: 0,
    mediaMs: 0,
    lastCameAtMs: nowMs,
  };
}
