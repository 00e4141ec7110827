/**
 * Puts fragments on the tape while more are read.
 *
 * Life of a segment: fragments are gathered → the tape object is stored → the checkpoint advances to its last
 * fragment. Some segments are stored side by side; the checkpoint follows the first of them that isn't stored yet, and
 * skips what it is too late for. A crash before the object leaves nothing; a crash before the checkpoint leaves objects
 * that the successor reads, and stores, once more. Reading goes on meanwhile; when too much waits to be stored,
 * {@link Spool.room} makes the reader wait.
 */
import type { BackfillRequest } from '../../backfill/backfill.ts';
import { TASK_METRICS } from '../../contract/metrics.ts';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import type { Checkpoints, Claim } from '../../ports/checkpoints/checkpoints.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import { InOrder } from '../../ports/runtime/in-order.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import type { Loss } from '../../recording/call-record.ts';
import type { Checkpoint, Progress } from '../../recording/checkpoint.ts';
import type { Recording } from '../../recording/identity.ts';
import type { RecordingRange } from '../../recording/range.ts';
import type { FragmentSink, KeptFragment } from '../sinks/fragment-sink.ts';
import { persistently } from '../sinks/persistently.ts';
import {
  type Ledger,
  openLedger,
  progressOf,
  reopeningsUntold,
  type Stored,
  withDeclared,
  withoutBehind,
  withReading,
  withReopeningsTold,
  withStored,
} from './ledger.ts';
import { type Segment, SEGMENT_BYTES_MAX, SegmentCutter } from './segment.ts';

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
  /** Told how far the checkpoint reaches, whenever it has been written. */
  readonly onTape?: (last: bigint) => void;
}

/** So much may wait to be stored; beyond it the reader waits for as long as it takes. */
const WAITING_BYTES_MAX = SEGMENT_BYTES_MAX;
/**
 * Beyond it the reader waits for a segment to be stored, but not for long. Catching up, reading is faster than storing:
 * this decides about memory. While S3 doesn't answer, it slows reading at live pace by nothing, so that what is read
 * doesn't have to be kept by the stream.
 */
const WAITING_BYTES_USUAL = 1024 * 1024;
const USUAL_WAIT_MS = 250;
/** Catching up, the tape's answers are waited for side by side; at live pace one segment is stored long before the next. */
const STORED_SIDE_BY_SIDE = 4;

/** What has been done, and what came out not to be there. */
interface Done {
  readonly stored: readonly Stored[];
  readonly losses: readonly Loss[];
}

/** After it has failed nothing more is written. */
type CheckpointState =
  | { readonly kind: 'standing' }
  | { readonly kind: 'advancing' }
  | { readonly kind: 'failed'; readonly error: unknown };

export class Spool implements FragmentSink {
  readonly #options: SpoolOptions;
  readonly #cutter: SegmentCutter;
  readonly #storing = new InOrder<Done>(STORED_SIDE_BY_SIDE, () => {
    if (this.#checkpoint.kind === 'standing') void this.#advance();
    this.#wake();
  });
  /** When the hole that was met last has been filled; one is filled after the other. */
  #filled: Promise<unknown> = Promise.resolve();
  #unstoredBytes = 0;
  #ledger: Ledger;
  #checkpoint: CheckpointState = { kind: 'standing' };
  readonly #waiters: (() => void)[] = [];

  constructor(options: SpoolOptions) {
    const { checkpoint, segmentMs } = options;
    this.#options = options;
    this.#ledger = openLedger(checkpoint);
    this.#cutter = new SegmentCutter('live', segmentMs, checkpoint.position);
  }

  /** Where and how far the tape reaches: what has been stored, not what has been read. */
  get progress(): Progress {
    return progressOf(this.#ledger);
  }

  /** Notes what is known to be lost, once; it is written with the next checkpoint. */
  declare(loss: Loss): void {
    this.#ledger = withDeclared(this.#ledger, loss);
  }

  /** What was lost behind the range was none of this recording's. */
  disownBehind(range: RecordingRange): void {
    this.#ledger = withoutBehind(this.#ledger, range);
  }

  /** Notes how the reading fares; it is written with the next checkpoint. @param openings sessions so far */
  observe(openings: number, behindMs: number): void {
    this.#ledger = withReading(this.#ledger, openings, behindMs);
  }

  /** Takes the next fragment that came live. */
  take({ fragment }: KeptFragment): void {
    this.#store(this.#cutter.add(fragment, this.#options.clock.now()));
  }

  /**
   * Fills a hole that lies before what is taken next. That takes its time, and reading goes on meanwhile; but the
   * checkpoint doesn't pass the hole before.
   * @param fill is given what puts fragments on the tape; @returns what stays missing
   */
  fill(fill: (keep: BackfillRequest['keep']) => Promise<readonly Loss[]>): void {
    const filled = this.#filled.then(() => this.#filledBy(fill));
    this.#filled = filled;
    this.#storing.join(filled);
  }

  /** Nothing is left to do: what has come is stored only as {@link finish} says. */
  end(): void {
    return undefined;
  }

  /** Resolves when more may be taken. @throws Superseded, or what keeps a segment from being stored. */
  async room(): Promise<void> {
    if (this.#unstoredBytes > WAITING_BYTES_USUAL && !this.#failed) await this.#movedSoon();
    while (this.#unstoredBytes > WAITING_BYTES_MAX && !this.#failed) await this.#moved();
    this.#throwIfFailed();
  }

  /** Stores what little has come when it has waited long enough. @throws what keeps a segment from being stored. */
  storeIfOld(): void {
    this.#throwIfFailed();
    this.#store(this.#cutter.cutIfOld(this.#options.clock.now()));
  }

  #throwIfFailed(): void {
    if (this.#failed) throw this.#failed.error;
  }

  /** Stores all that is left. @throws like {@link room}. */
  async finish(): Promise<void> {
    this.#store(this.#cutter.cut());
    while ((this.#storing.size > 0 || this.#checkpoint.kind === 'advancing') && !this.#failed)
      await this.#moved();
    this.#throwIfFailed();
  }

  /** Resolves when nothing is on its way to the tape any more. Only after it has failed: else more may follow. */
  async settled(): Promise<void> {
    while (this.#storing.running > 0) await this.#moved();
  }

  get #failed(): { readonly error: unknown } | undefined {
    return this.#checkpoint.kind === 'failed' ? this.#checkpoint : this.#storing.failure;
  }

  #store(segment: Segment | undefined): void {
    if (!segment) return;
    this.#unstoredBytes += segment.bytes;
    this.#storing.add(async () => {
      const stored = await this.#append(segment);
      this.#unstoredBytes -= stored.bytes;
      return { stored: [stored], losses: [] };
    });
  }

  async #filledBy(fill: (keep: BackfillRequest['keep']) => Promise<readonly Loss[]>): Promise<Done> {
    const stored: Stored[] = [];
    const losses = await fill(async (fragments) => {
      this.#throwIfFailed();
      for (const segment of this.#segmentsOf(fragments)) stored.push(await this.#append(segment));
    });
    return { stored, losses };
  }

  #segmentsOf(fragments: readonly NumberedFragment[]): Segment[] {
    const nowMs = this.#options.clock.now();
    const cutter = new SegmentCutter('archive', Infinity);
    const full = fragments.map((fragment) => cutter.add(fragment, nowMs));
    return [...full, cutter.cut()].filter((segment) => segment !== undefined);
  }

  /** @returns the segment without its content, which is given up */
  async #append({ content: bytes, ...stored }: Segment): Promise<Stored> {
    const { recording, tape } = this.#options;
    const { first, position } = stored;
    await persistently('store a tape object', this.#options, () =>
      tape.append(recording, { first, last: position.lastFragmentNumber, bytes }),
    );
    return stored;
  }

  /** Writes the checkpoint for as long as there is something to say that it doesn't. */
  async #advance(): Promise<void> {
    const { checkpoints, claim, onTape } = this.#options;
    this.#checkpoint = { kind: 'advancing' };
    try {
      for (let done = this.#storing.takeDone(); done.length > 0; done = this.#storing.takeDone()) {
        const stored = done.flatMap((one) => one.stored);
        this.#ledger = done.flatMap((one) => one.losses).reduce(withDeclared, this.#ledger);
        this.#ledger = stored.reduce(withStored, this.#ledger);
        // Whoever goes on from before a hole fills it anew, and finds out itself what is missing there.
        if (!stored.some(({ source }) => source === 'live')) continue;
        await persistently('advance the checkpoint', this.#options, () =>
          checkpoints.advance(claim, this.progress),
        );
        this.#publish(stored);
        const { position } = this.#ledger;
        if (position) onTape?.(position.lastFragmentNumber);
      }
      this.#checkpoint = { kind: 'standing' };
    } catch (error) {
      this.#checkpoint = { kind: 'failed', error };
    }
    this.#wake();
  }

  /** Tells the metrics of segments that reached the checkpoint together. */
  #publish(segments: readonly Stored[]): void {
    const { clock, telemetry } = this.#options;
    const [oldest] = segments;
    const last = segments.at(-1);
    if (!oldest || !last) return;
    telemetry.publish([
      [TASK_METRICS.fragments, segments.reduce((sum, { fragments }) => sum + fragments, 0)],
      [TASK_METRICS.mediaLagMs, last.behindMs],
      [TASK_METRICS.segmentLatencyMs, clock.now() - oldest.lastCameAtMs],
      [TASK_METRICS.reopenings, reopeningsUntold(this.#ledger)],
    ]);
    this.#ledger = withReopeningsTold(this.#ledger);
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
