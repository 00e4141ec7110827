/**
 * Records one call: claims it, reads its fragments onto the tape until the call is over, and says so in the
 * checkpoint. The end of a body is never the end of a call; DESIGN "The end" lists what is.
 */
import type { Calls } from '../ports/calls.ts';
import type { Checkpoints, Claim } from '../ports/checkpoints.ts';
import { Superseded } from '../ports/checkpoints.ts';
import type { Clock } from '../ports/clock.ts';
import type { Contacts } from '../ports/contacts.ts';
import { eraseTape } from '../ports/erase-tape.ts';
import type { Media, MediaArchive } from '../ports/media.ts';
import type { Tape } from '../ports/tape.ts';
import { type EndReason, type Loss, SAW_THE_END } from '../recording/call-record.ts';
import type { Checkpoint, Ended } from '../recording/checkpoint.ts';
import { type Recording, recordingId } from '../recording/identity.ts';
import { TASK_METRICS } from '../recording/metrics.ts';
import { type Candidate, type Judged, type LeftOut, OwnershipJudge } from '../recording/ownership.ts';
import type { OwnFragment } from '../recording/timeline.ts';
import { ContactWatch } from './contact-watch.ts';
import { FragmentStream, type StreamEvent } from './fragment-stream.ts';
import { fillHole } from './hole.ts';
import { persistently } from './persistently.ts';
import { ReadingPosition } from './reading-position.ts';
import { Spool } from './spool.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface RecorderPorts {
  readonly media: Media;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly checkpoints: Checkpoints;
  readonly calls: Calls;
  readonly contacts: Contacts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface RecorderSettings {
  readonly recording: Recording;
  /** The stream that it is read from. */
  readonly streamArn: string;
  /** Connect's StartTimestamp, epoch ms. */
  readonly startedAtMs: number;
  readonly executionArn: string;
  readonly segmentMs: number;
  readonly idleTimeoutMs: number;
  readonly longestCallMs: number;
  readonly graceMs: number;
  /** Called whenever something moves, so that a watchdog sees it. */
  readonly alive?: () => void;
}

/**
 * - `ended`: `ended` stands in the checkpoint; nothing is left to do
 * - `foreign`: the recording belongs to another execution
 * - `superseded`: another task of this execution has claimed since; Step Functions' retry must claim anew
 * - `interrupted`: the signal came; what was read is stored
 */
export type Outcome = 'ended' | 'foreign' | 'superseded' | 'interrupted';

const TICK_MS = 1_000;
const LONGER_RETENTION = 'a longer retention on the media streams helps';

interface End {
  readonly reason: EndReason;
  readonly why?: string;
  readonly loss?: Loss;
}

/** @throws what keeps it from going on; the task is then to be run again. */
export async function record(
  ports: RecorderPorts,
  settings: RecorderSettings,
  signal: AbortSignal,
): Promise<Outcome> {
  const id = recordingId(settings.recording);
  const result = await persistently('claim the recording', ports, () =>
    ports.checkpoints.claim(id, settings.executionArn),
  );
  if (!result.claimed) {
    if (result.checkpoint.erasedAt !== undefined) await eraseTape(ports.tape, settings.recording);
    return 'foreign';
  }
  if (result.checkpoint.ended) return 'ended';
  const recorder = new Recorder(ports, settings, result.claim, result.checkpoint);
  try {
    return await recorder.run(signal);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    if (error.checkpoint.erasedAt !== undefined) await recorder.leaveNoTrace();
    if (error.checkpoint.owner !== settings.executionArn) return 'foreign';
    return error.checkpoint.ended ? 'ended' : 'superseded';
  } finally {
    recorder.close();
  }
}

/** A fragment, and whether it broke off and can't be read again. */
interface Came extends Candidate {
  readonly fragment: OwnFragment;
  readonly cut: boolean;
}

class Recorder {
  readonly #ports: RecorderPorts;
  readonly #settings: RecorderSettings;
  readonly #claim: Claim;
  readonly #stream: FragmentStream;
  readonly #spool: Spool;
  readonly #watch: ContactWatch;
  readonly #judge: OwnershipJudge<Came>;
  /** The first fragment behind our last one that is not ours. */
  #foreign: bigint | undefined;
  readonly #endedBefore: Ended | undefined;
  /** A fragment of ours has come. */
  #tookMore = false;
  #lastOursAtMs: number;
  /** Since when it is known that nothing more will come, but what the stream holds already. */
  #overSinceMs: number | undefined;
  /** By the stream's clock, by which a call that is replayed later is no longer than it was. */
  #lastServerTimestampMs: number;

  constructor(ports: RecorderPorts, settings: RecorderSettings, claim: Claim, checkpoint: Checkpoint) {
    const { clock, telemetry, media } = ports;
    const { recording, streamArn, graceMs, segmentMs, startedAtMs, alive = () => undefined } = settings;
    const { position } = checkpoint;
    this.#ports = ports;
    this.#settings = { ...settings, alive };
    this.#claim = claim;
    this.#stream = new FragmentStream({
      media,
      clock,
      telemetry,
      position: new ReadingPosition(recording, startedAtMs, position),
      startFragmentNumber: recording.startFragmentNumber,
      graceMs,
      tickMs: Math.min(TICK_MS, Math.max(50, graceMs / 4)),
    });
    this.#spool = new Spool({ ...ports, recording, claim, checkpoint, segmentMs, alive });
    this.#watch = new ContactWatch({ ...ports, recording, streamArn, graceMs });
    this.#endedBefore = checkpoint.endedBefore;
    const { lastSegmentUid: segmentUid } = position ?? {};
    this.#judge = new OwnershipJudge(recording, position && { segmentUid });
    this.#lastOursAtMs = clock.now();
    this.#lastServerTimestampMs = position?.lastServerTimestamp ?? startedAtMs;
    if (position) telemetry.info('going on where an earlier task stopped', { attempt: claim.attempt });
    if (claim.attempt > 1) telemetry.publish([[TASK_METRICS.resumes, 1]]);
  }

  async run(signal: AbortSignal): Promise<Outcome> {
    // Whoever reads later than the call may find the next recording of the contact right behind the first fragments.
    if (this.#claim.attempt > 1) await this.#watch.look(0);
    for (;;) {
      this.#settings.alive?.();
      const event = await this.#stream.next(signal);
      const end = (await this.#handle(event)) ?? (await this.#lookAround(event));
      if (end) {
        await this.#finish(end);
        return 'ended';
      }
      if (signal.aborted) {
        this.close();
        await this.#spool.finish();
        return 'interrupted';
      }
    }
  }

  close(): void {
    this.#stream.close();
  }

  /** The recording has been erased: what this task, or one before it, put on the tape since then goes too. */
  async leaveNoTrace(): Promise<void> {
    const { tape, telemetry } = this.#ports;
    this.close();
    await this.#spool.settled();
    await persistently('remove what has been erased', this.#ports, () =>
      eraseTape(tape, this.#settings.recording),
    );
    telemetry.info('the recording has been erased; nothing is kept of it');
  }

  async #handle(event: StreamEvent): Promise<End | undefined> {
    switch (event.kind) {
      case 'fragment':
        return this.#take(event.fragment, event.cut);
      case 'hole': {
        const { recording, alive } = this.#settings;
        const { range } = this.#watch;
        const losses = await fillHole(
          { ...this.#ports, alive },
          recording,
          range,
          this.#judge.isAfterOurs,
          event.hole,
        );
        for (const loss of losses) this.#spool.declare(loss);
        return undefined;
      }
      case 'lost': {
        const number = event.number?.toString();
        this.#spool.declare({
          kind: 'FRAGMENT_MALFORMED',
          why: event.why,
          ...(number !== undefined && { firstFragmentNumber: number, lastFragmentNumber: number }),
        });
        return undefined;
      }
      case 'failed':
        return { reason: event.reason, why: event.why, loss: { kind: 'RECORDER_STOPPED', why: event.why } };
      case 'nothing':
        return undefined;
    }
  }

  /** One that may be ours, or not, waits for those that follow it; until then the checkpoint doesn't pass it either. */
  async #take(fragment: OwnFragment, cut: boolean): Promise<End | undefined> {
    let end: End | undefined;
    for (const judged of this.#judge.add({ fragment, cut }, this.#watch.range))
      end = (await this.#settle(judged)) ?? end;
    const leftOut = this.#judge.takeLeftOut();
    if (leftOut) this.#declareLeftOut(leftOut);
    return end;
  }

  async #settle({ candidate, owner }: Judged<Came>): Promise<End | undefined> {
    const { fragment, cut } = candidate;
    if (owner === 'ours') this.#foreign = undefined;
    else if (owner !== 'before') this.#foreign ??= fragment.number;
    if (owner === 'otherContact') return { reason: 'NEXT_CONTACT' };
    if (owner === 'behind') return { reason: this.#watch.range.endedBy ?? 'NEXT_RECORDING' };
    if (owner !== 'ours') return undefined;
    this.#tookMore = true;
    this.#lastOursAtMs = this.#ports.clock.now();
    this.#lastServerTimestampMs = Math.max(this.#lastServerTimestampMs, fragment.serverTimestampMs ?? 0);
    this.#spool.observe(this.#stream.reopenings, this.#stream.behindMs);
    if (cut) this.#declareCut(fragment);
    await this.#spool.add(fragment);
    return this.#tooLong(fragment.serverTimestampMs ?? 0) ? this.#cutAtLimit() : undefined;
  }

  #declareLeftOut({ first, last }: LeftOut): void {
    this.#spool.declare({
      kind: 'FRAGMENTS_MISSING',
      why: 'more fragments without a ContactId came in a row than can be held until it shows whose they are',
      firstFragmentNumber: first.toString(),
      lastFragmentNumber: last.toString(),
    });
  }

  #declareCut(fragment: OwnFragment): void {
    this.#spool.declare({
      kind: 'FRAGMENT_CUT',
      why: 'the fragment broke off and could not be read again; its complete blocks are kept',
      firstFragmentNumber: fragment.number.toString(),
      lastFragmentNumber: fragment.number.toString(),
    });
  }

  /** Nothing came, and the stream may have forgotten what was there: whether there was more isn't known. */
  #declarePositionLost(): void {
    const last = this.#stream.lastNumber;
    if (last === undefined) {
      this.#spool.declare({
        kind: 'START_MISSING',
        why: `reading began so long after the call’s start that the stream had forgotten whatever it held; ${LONGER_RETENTION}`,
        firstFragmentNumber: this.#settings.recording.startFragmentNumber.toString(),
      });
      return;
    }
    this.#spool.declare({
      kind: 'POSITION_LOST',
      why: `the stream had forgotten where to go on, and maybe fragments that followed; ${LONGER_RETENTION}`,
      firstFragmentNumber: (last + 1n).toString(),
    });
  }

  /** The ends that are not in the stream. */
  async #lookAround(event: StreamEvent): Promise<End | undefined> {
    const { clock } = this.#ports;
    this.#spool.throwIfFailed();
    this.#spool.storeIfOld();
    const silentMs = clock.now() - this.#lastOursAtMs;
    await this.#watch.look(silentMs);
    const { disconnected, range } = this.#watch;
    if (disconnected || range.endedBy !== undefined) {
      this.#stream.callIsOver();
      this.#overSinceMs ??= clock.now();
    }
    if (event.kind !== 'nothing') return undefined;
    if (this.#isQuiet() && !this.#stream.unsettled) {
      if (range.endedBy !== undefined) return { reason: range.endedBy };
      if (disconnected) return { reason: 'DISCONNECTED' };
    }
    return this.#waitedTooLong(silentMs);
  }

  /** Ends that need no proof that the stream has nothing more: waiting on would never end. */
  #waitedTooLong(silentMs: number): End | undefined {
    const { idleTimeoutMs } = this.#settings;
    if (this.#overSinceMs !== undefined) {
      // However long it had been silent before: only now is it known that nothing more will come.
      const waitedMs = this.#ports.clock.now() - Math.max(this.#overSinceMs, this.#lastOursAtMs);
      if (waitedMs >= idleTimeoutMs) return this.#idle();
    }
    const isSilent = this.#isQuiet() || silentMs >= idleTimeoutMs;
    return isSilent && this.#tooLong(this.#lastServerTimestampMs + silentMs) ? this.#cutAtLimit() : undefined;
  }

  #isQuiet(): boolean {
    return this.#stream.quietForMs >= this.#settings.graceMs;
  }

  #tooLong(timeMs: number): boolean {
    return timeMs - this.#settings.startedAtMs > this.#settings.longestCallMs;
  }

  #cutAtLimit(): End {
    const why =
      'the call went on for longer than the longest call allowed; raise that setting to record such calls whole';
    return { reason: 'LONGEST_CALL', loss: { kind: 'CUT_AT_LIMIT', why } };
  }

  /** The contact is over, and nothing has come for long, but the stream could not be asked whether that is all. */
  #idle(): End {
    const why =
      'the contact is over, but the stream could not be read to its end; resume the recording to try again';
    return { reason: 'IDLE', why, loss: { kind: 'RECORDER_STOPPED', why } };
  }

  /** Resumed though an earlier run had seen the end, and there was nothing more: so it stays, whatever is gone by now. */
  #endSeenBefore(): Ended | undefined {
    const before = this.#endedBefore;
    return before && !this.#tookMore && SAW_THE_END.has(before.reason) ? before : undefined;
  }

  #endSeenNow({ reason, why, loss }: End, nowMs: number): Ended {
    if (loss) this.#spool.declare(loss);
    if (this.#stream.positionLost) this.#declarePositionLost();
    const foreign = this.#foreign?.toString();
    return {
      reason,
      at: new Date(nowMs).toISOString(),
      ...(why !== undefined && { why }),
      ...(foreign !== undefined && { foreignFragmentNumber: foreign }),
    };
  }

  /** Stores all that is left, and only then says that the call is over. */
  async #finish(end: End): Promise<void> {
    const { clock, checkpoints, telemetry } = this.#ports;
    for (const event of this.#stream.takeRest()) await this.#handle(event);
    const ended = this.#endSeenBefore() ?? this.#endSeenNow(end, clock.now());
    this.close();
    this.#spool.observe(this.#stream.reopenings, this.#stream.behindMs);
    await this.#spool.finish();
    await persistently('write that the call is over', this.#ports, () =>
      checkpoints.end(this.#claim, this.#spool.progress, ended),
    );
    telemetry.info('the call is over', {
      reason: ended.reason,
      fragments: this.#spool.progress.counters.fragments,
    });
  }
}
