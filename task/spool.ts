/**
 * Puts fragments on the tape while more are read.
 *
 * Life of a segment: fragments are gathered → the tape object is stored → the checkpoint advances to its last
 * fragment. One segment is stored at a time, in order. A crash before the object leaves nothing; a crash between
 * the two leaves an object that the successor reads, and stores, once more. Reading goes on meanwhile; when too
 * much waits to be stored, {@link Spool.add} makes the reader wait.
 */
import type { Checkpoints, Claim } from '../ports/checkpoints.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tape } from '../ports/tape.ts';
import type { Loss } from '../recording/call-record.ts';
import type { Checkpoint, Counters, Position, Progress } from '../recording/checkpoint.ts';
import { LOSSES_MAX } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';
import { TASK_METRICS } from '../recording/metrics.ts';
import { lengthMsOf } from '../recording/pcm.ts';
import type { OwnFragment } from '../recording/timeline.ts';
import { persistently } from './persistently.ts';
import { positionAfter } from './reading-position.ts';
import type { Telemetry } from '../ports/telemetry.ts';

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
/** Gathered and waiting; beyond it the reader waits. Catching up fills it, so that it decides about memory. */
const WAITING_BYTES_MAX = SEGMENT_BYTES_MAX;
/** A segment is stored after this many times its length, however little has come. */
const AGE_FACTOR = 2;

interface OpenSegment {
  readonly fragments: OwnFragment[];
  readonly sinceMs: number;
  bytes: number;
  mediaMs: number;
  lastCameAtMs: number;
}

export class Spool {
  readonly #options: SpoolOptions;
  #open: OpenSegment | undefined;
  readonly #waiting: OpenSegment[] = [];
  #waitingBytes = 0;
  #storing: Promise<void> | undefined;
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
    this.#losses = options.checkpoint.losses;
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
    const known = this.#losses.some(
      ({ kind, firstFragmentNumber }) =>
        kind === loss.kind && firstFragmentNumber === loss.firstFragmentNumber,
    );
    if (!known && this.#losses.length < LOSSES_MAX) this.#losses = [...this.#losses, loss];
  }

  /** Notes how the stream fares; it is written with the next checkpoint. */
  observe(reopenings: number, behindMs: number): void {
    this.#reopenings = reopenings;
    this.#maxBehindMs = Math.max(this.#maxBehindMs, behindMs);
  }

  /** Takes the next fragment. @throws Superseded, or what keeps a segment from being stored. */
  async add(fragment: OwnFragment): Promise<void> {
    const nowMs = this.#options.clock.now();
    this.#open ??= { fragments: [], sinceMs: nowMs, bytes: 0, mediaMs: 0, lastCameAtMs: nowMs };
    this.#open.fragments.push(fragment);
    this.#open.bytes += fragment.bytes.length;
    this.#open.mediaMs += lengthMsOf(fragment);
    this.#open.lastCameAtMs = nowMs;
    if (this.#open.mediaMs >= this.#options.segmentMs || this.#open.bytes >= SEGMENT_BYTES_MAX)
      this.#closeSegment();
    while (this.#waitingBytes > WAITING_BYTES_MAX && this.#storing) await this.#storing;
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
    while (this.#storing) await this.#storing;
    this.throwIfFailed();
  }

  #closeSegment(): void {
    const segment = this.#open;
    if (!segment) return;
    this.#open = undefined;
    this.#waiting.push(segment);
    this.#waitingBytes += segment.bytes;
    this.#storing ??= this.#storeWaiting();
  }

  async #storeWaiting(): Promise<void> {
    try {
      for (let segment = this.#waiting[0]; segment; segment = this.#waiting[0]) {
        await this.#store(segment);
        this.#waiting.shift();
        this.#waitingBytes -= segment.bytes;
      }
    } catch (error) {
      this.#failure = { error };
      this.#waitingBytes = 0;
    } finally {
      this.#storing = undefined;
    }
  }

  async #store(segment: OpenSegment): Promise<void> {
    const { recording, tape, checkpoints, claim, clock } = this.#options;
    const first = segment.fragments[0];
    const last = segment.fragments.at(-1);
    if (!first || !last) return;
    const bytes = Buffer.concat(segment.fragments.map((fragment) => fragment.bytes));
    await persistently('store a tape object', this.#options, () =>
      tape.append(recording, { first: first.number, last: last.number, bytes }),
    );
    this.#position = positionAfter(last);
    this.#count(segment);
    await persistently('advance the checkpoint', this.#options, () =>
      checkpoints.advance(claim, this.progress),
    );
    this.#options.telemetry.publish([
      [TASK_METRICS.fragments, segment.fragments.length],
      [TASK_METRICS.mediaLagMs, last.millisBehindNow ?? 0],
      [TASK_METRICS.segmentLatencyMs, clock.now() - segment.lastCameAtMs],
      [TASK_METRICS.reopenings, this.#reopenings - this.#reopeningsPublished],
    ]);
    this.#reopeningsPublished = this.#reopenings;
  }

  #count(segment: OpenSegment): void {
    const counters = this.#counters;
    this.#counters = {
      ...counters,
      fragments: counters.fragments + segment.fragments.length,
      bytes: counters.bytes + segment.bytes,
      segments: counters.segments + 1,
      mediaMs: Math.round(counters.mediaMs + segment.mediaMs),
    };
  }
}
