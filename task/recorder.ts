/** A claimed recording's loop: reads, keeps, looks around, judges; and what it does when the call is over. */
import { TASK_METRICS } from '../contract/metrics.ts';
import type { Claim } from '../ports/checkpoints/checkpoints.ts';
import { eraseTape } from '../ports/tape/erase-tape.ts';
import { type Said, StreamReader } from '../reading/driver.ts';
import { type Hole, isLost } from '../reading/position.ts';
import { beginReading, type ReadFragment } from '../reading/reading.ts';
import { SAW_THE_END } from '../recording/call-record.ts';
import type { Checkpoint, Ended } from '../recording/checkpoint.ts';
import { type Candidate, type Judged, OwnershipJudge } from '../recording/ownership.ts';
import { isBehind } from '../recording/range.ts';
import { type CallSoFar, callSoFar, heardOf, saw } from './call-so-far.ts';
import { ContactWatch } from './contact-watch.ts';
import { type End, judge } from './ends.ts';
import { removeErasedBehind } from './erased-behind.ts';
import { fillHole } from './hole.ts';
import { cutLoss, leftOutLoss, malformedLoss, positionLoss } from './known-losses.ts';
import type { RecorderPorts, RecorderSettings } from './recorder-ports.ts';
import { type FeedSink, type FragmentSink, guarded, type SinkEnd } from './sinks/fragment-sink.ts';
import { persistently } from './sinks/persistently.ts';
import { Spool } from './spool/spool.ts';

const TICK_MS = 1_000;

type Came = ReadFragment & Candidate;

interface Claimed {
  readonly claim: Claim;
  readonly checkpoint: Checkpoint;
}

export class Recorder {
  readonly #ports: RecorderPorts;
  readonly #settings: RecorderSettings;
  readonly #claim: Claim;
  readonly #signal: AbortSignal;
  readonly #reader: StreamReader;
  readonly #spool: Spool;
  readonly #feed: FeedSink | undefined;
  /** What takes the fragments that are kept. */
  readonly #sinks: readonly FragmentSink[];
  readonly #watch: ContactWatch;
  readonly #judge: OwnershipJudge<Came>;
  readonly #endedBefore: Ended | undefined;
  #call: CallSoFar;

  constructor(
    ports: RecorderPorts,
    settings: RecorderSettings,
    { claim, checkpoint }: Claimed,
    signal: AbortSignal,
  ) {
    const { clock, telemetry, media } = ports;
    const { recording, streamArn, graceMs, segmentMs, startedAtMs } = settings;
    const { position } = checkpoint;
    this.#ports = ports;
    this.#settings = settings;
    this.#claim = claim;
    this.#signal = signal;
    this.#feed = ports.feed && guarded(ports.feed, telemetry);
    const tickMs = Math.min(TICK_MS, Math.max(50, graceMs / 4));
    const reading = beginReading(recording, startedAtMs, position);
    this.#reader = new StreamReader(reading, { media, clock, telemetry, graceMs, tickMs, signal });
    this.#spool = new Spool({
      ...ports,
      recording,
      claim,
      checkpoint,
      segmentMs,
      onTape: (last) => this.#feed?.onTape(last),
    });
    this.#sinks = [this.#spool, ...(this.#feed ? [this.#feed] : [])];
    this.#watch = new ContactWatch({
      ...ports,
      recording,
      streamArn,
      graceMs,
      onNews: () => {
        this.#reader.interrupt();
      },
    });
    this.#endedBefore = checkpoint.endedBefore;
    const { lastSegmentUid: segmentUid } = position ?? {};
    this.#judge = new OwnershipJudge(recording, position && { segmentUid });
    this.#call = callSoFar(clock.now(), position?.lastServerTimestamp ?? startedAtMs);
    if (position) telemetry.info('going on where an earlier task stopped', { attempt: claim.attempt });
    if (claim.attempt > 1) telemetry.publish([[TASK_METRICS.resumes, 1]]);
  }

  async run(): Promise<'ended' | 'interrupted'> {
    // Whoever reads later than the call may find the next recording of the contact right behind the first fragments.
    const looked = this.#watch.look(0);
    if (this.#claim.attempt > 1) await looked;
    for (;;) {
      const said = await this.#reader.next();
      const end = said && (await this.#hear(said));
      if (end) {
        await this.#finish(end);
        await removeErasedBehind(this.#ports, this.#settings.recording);
        return 'ended';
      }
      if (this.#signal.aborted) {
        this.#reader.close();
        await this.#spool.finish();
        await removeErasedBehind(this.#ports, this.#settings.recording);
        return 'interrupted';
      }
    }
  }

  close(end: SinkEnd): void {
    this.#reader.close();
    for (const sink of this.#sinks) sink.end(end);
  }

  /** The recording has been erased: what this task, or one before it, put on the tape since then goes too. */
  async leaveNoTrace(): Promise<void> {
    const { tape, telemetry } = this.#ports;
    this.#reader.close();
    await this.#spool.settled();
    await persistently('remove what has been erased', this.#ports, () =>
      eraseTape(tape, this.#settings.recording),
    );
    telemetry.info('the recording has been erased; nothing is kept of it');
  }

  /** Another task goes on: what this one may have put on the tape since an erasure goes too. */
  async leaveToAnother(): Promise<void> {
    this.#reader.close();
    await this.#spool.settled();
    await removeErasedBehind(this.#ports, this.#settings.recording);
  }

  /** Beside the reading: the archive may take minutes to answer. */
  #fill(hole: Hole): void {
    const { recording } = this.#settings;
    const { range } = this.#watch.contact;
    const neighbour = this.#judge.isAfterOurs ? 'ours' : 'not known to be ours';
    this.#spool.fill((keep) =>
      fillHole(this.#ports, { recording, range, neighbour, hole }, async (fragments) => {
        await keep(fragments);
        for (const fragment of fragments) this.#feed?.take({ fragment, keptAs: 'whole', source: 'archive' });
      }),
    );
  }

  async #hear(said: Said): Promise<End | undefined> {
    await this.#handle(said);
    this.#lookAround();
    return this.#judgeNow(said);
  }

  async #handle(said: Said): Promise<void> {
    switch (said.kind) {
      case 'fragment':
        return this.#take(said);
      case 'hole':
        this.#fill(said.hole);
        return;
      case 'lost':
        this.#spool.declare(malformedLoss(said.why, said.number, said.after));
        return;
      case 'quiet':
        return;
    }
  }

  /** One that may be ours, or not, waits for those that follow it; until then the checkpoint doesn't pass it either. */
  async #take(came: Came): Promise<void> {
    const judged = this.#judge.add(came, this.#watch.contact.range);
    const leftOut = this.#judge.takeLeftOut();
    if (leftOut) this.#spool.declare(leftOutLoss(leftOut));
    for (const one of judged) await this.#settle(one);
  }

  async #settle({ candidate, owner }: Judged<Came>): Promise<void> {
    const { fragment, keptAs, openings, behindMs } = candidate;
    this.#call = saw(this.#call, fragment, owner, this.#ports.clock.now());
    if (owner !== 'ours') return;
    this.#spool.observe(openings, behindMs);
    if (keptAs === 'cut') this.#spool.declare(cutLoss(fragment.number));
    for (const sink of this.#sinks) sink.take({ fragment, keptAs, source: 'live' });
    await this.#spool.room();
  }

  /** What else is known of the call by now. */
  #lookAround(): void {
    const { clock } = this.#ports;
    this.#spool.storeIfOld();
    void this.#watch.look(clock.now() - this.#call.lastOursAtMs);
    this.#call = heardOf(this.#call, this.#watch.contact, clock.now());
    if (this.#call.overSinceMs !== undefined) this.#reader.callIsOver();
  }

  /** The number of the last fragment that was handed over. */
  get #lastNumber(): bigint | undefined {
    return this.#reader.reading.position.last?.lastFragmentNumber;
  }

  #judgeNow(event: Said): End | undefined {
    return judge({
      call: this.#call,
      quiet: event.kind === 'quiet' ? event : undefined,
      lastNumber: this.#lastNumber,
      contact: this.#watch.contact,
      limits: this.#settings,
      nowMs: this.#ports.clock.now(),
    });
  }

  /** Resumed though an earlier run had seen the end, and there was nothing more: so it stays, whatever is gone by now. */
  #endSeenBefore(): Ended | undefined {
    const before = this.#endedBefore;
    return before && !this.#call.tookMore && SAW_THE_END.has(before.reason) ? before : undefined;
  }

  /** @param last the last fragment that there was, be it kept in part */
  #endSeenNow({ reason, why, loss }: End, last: bigint | undefined, nowMs: number): Ended {
    if (loss) this.#spool.declare(loss);
    if (isLost(this.#reader.reading.position))
      this.#spool.declare(positionLoss(last, this.#settings.recording));
    const { firstForeign, foreign } = this.#call;
    const { range } = this.#watch.contact;
    const isUntold = firstForeign !== undefined && foreign === undefined && !isBehind(range, firstForeign);
    const { endBefore } = range;
    return {
      reason,
      at: new Date(nowMs).toISOString(),
      ...(why !== undefined && { why }),
      ...(firstForeign !== undefined && { foreignFragmentNumber: firstForeign.toString() }),
      ...(isUntold && { isForeignUntold: true }),
      ...(endBefore !== undefined && { endBefore: endBefore.toString() }),
    };
  }

  /** Stores all that is left, and only then says that the call is over. */
  async #finish(end: End): Promise<void> {
    const { clock, checkpoints, telemetry } = this.#ports;
    const rest = this.#reader.rest();
    for (const said of rest) await this.#handle(said);
    const last = rest.findLast((said) => said.kind === 'fragment')?.fragment.number ?? this.#lastNumber;
    const { range } = this.#watch.contact;
    for (const judged of this.#judge.finish(range)) await this.#settle(judged);
    const ended = this.#endSeenBefore() ?? this.#endSeenNow(end, last, clock.now());
    this.#reader.close();
    const { openings, behindMs } = this.#reader.reading;
    this.#spool.observe(openings, behindMs);
    await this.#spool.finish();
    this.#spool.disownBehind(range);
    await persistently('write that the call is over', this.#ports, () =>
      checkpoints.end(this.#claim, this.#spool.progress, ended),
    );
    telemetry.info('the call is over', {
      reason: ended.reason,
      fragments: this.#spool.progress.counters.fragments,
    });
  }
}
