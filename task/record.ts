/**
 * Records one call: claims it, reads its fragments onto the tape until the call is over, and says so in the
 * checkpoint. The end of a body is never the end of a call; `ends.ts` lists what is.
 */
import type { Calls } from '../ports/calls/calls.ts';
import type { Checkpoints, Claim } from '../ports/checkpoints/checkpoints.ts';
import { Superseded } from '../ports/checkpoints/checkpoints.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Contacts } from '../ports/contacts/contacts.ts';
import { eraseTape } from '../ports/tape/erase-tape.ts';
import type { Media, MediaArchive } from '../ports/media/media.ts';
import type { Tape } from '../ports/tape/tape.ts';
import { SAW_THE_END } from '../recording/call-record.ts';
import type { Checkpoint, Ended } from '../recording/checkpoint.ts';
import { type Recording, recordingId } from '../recording/identity.ts';
import { TASK_METRICS } from '../contract/metrics.ts';
import { type Candidate, type Judged, type LeftOut, OwnershipJudge } from '../recording/ownership.ts';
import type { NumberedFragment } from '../matroska/fragment.ts';
import { ContactWatch } from './contact-watch.ts';
import { type CallSoFar, callSoFar, heardOf, saw } from './call.ts';
import type { End } from './ends.ts';
import { type Said, StreamReader } from '../reading/driver.ts';
import { isLost } from '../reading/position.ts';
import { beginReading, type ReadFragment } from '../reading/reading.ts';
import { fillHole } from './hole.ts';
import { judge } from './judge.ts';
import { persistently } from './persistently.ts';
import { Spool } from './spool.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';

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

type Came = ReadFragment & Candidate;

class Recorder {
  readonly #ports: RecorderPorts;
  readonly #settings: RecorderSettings;
  readonly #claim: Claim;
  readonly #reader: StreamReader;
  readonly #spool: Spool;
  readonly #watch: ContactWatch;
  readonly #judge: OwnershipJudge<Came>;
  /** The first fragment behind our last one that is not ours. */
  #foreign: bigint | undefined;
  readonly #endedBefore: Ended | undefined;
  /** A fragment of ours has come. */
  #tookMore = false;
  #call: CallSoFar;

  constructor(ports: RecorderPorts, settings: RecorderSettings, claim: Claim, checkpoint: Checkpoint) {
    const { clock, telemetry, media } = ports;
    const { recording, streamArn, graceMs, segmentMs, startedAtMs, alive = () => undefined } = settings;
    const { position } = checkpoint;
    this.#ports = ports;
    this.#settings = { ...settings, alive };
    this.#claim = claim;
    const tickMs = Math.min(TICK_MS, Math.max(50, graceMs / 4));
    const reading = beginReading(recording, startedAtMs, position);
    this.#reader = new StreamReader(reading, { media, clock, telemetry, graceMs, tickMs });
    this.#spool = new Spool({ ...ports, recording, claim, checkpoint, segmentMs, alive });
    this.#watch = new ContactWatch({ ...ports, recording, streamArn, graceMs });
    this.#endedBefore = checkpoint.endedBefore;
    const { lastSegmentUid: segmentUid } = position ?? {};
    this.#judge = new OwnershipJudge(recording, position && { segmentUid });
    this.#call = callSoFar(clock.now(), position?.lastServerTimestamp ?? startedAtMs);
    if (position) telemetry.info('going on where an earlier task stopped', { attempt: claim.attempt });
    if (claim.attempt > 1) telemetry.publish([[TASK_METRICS.resumes, 1]]);
  }

  async run(signal: AbortSignal): Promise<Outcome> {
    // Whoever reads later than the call may find the next recording of the contact right behind the first fragments.
    if (this.#claim.attempt > 1) await this.#watch.look(0);
    for (;;) {
      this.#settings.alive?.();
      const said = await this.#reader.next(signal);
      const end = said && (await this.#hear(said));
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
    this.#reader.close();
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

  async #hear(said: Said): Promise<End | undefined> {
    await this.#handle(said);
    await this.#lookAround();
    return this.#judgeNow(said);
  }

  async #handle(event: Said): Promise<void> {
    switch (event.kind) {
      case 'fragment':
        return this.#take(event);
      case 'hole': {
        const { recording, alive } = this.#settings;
        const { range } = this.#watch.contact;
        const losses = await fillHole(
          { ...this.#ports, alive },
          recording,
          range,
          this.#judge.isAfterOurs,
          event.hole,
        );
        for (const loss of losses) this.#spool.declare(loss);
        return;
      }
      case 'lost': {
        const { number, after, why } = event;
        const first = number ?? (after === undefined ? undefined : after + 1n);
        this.#spool.declare({
          kind: 'FRAGMENT_MALFORMED',
          why,
          ...(first !== undefined && { firstFragmentNumber: first.toString() }),
          ...(number !== undefined && { lastFragmentNumber: number.toString() }),
        });
        return;
      }
      case 'quiet':
        return;
    }
  }

  /** One that may be ours, or not, waits for those that follow it; until then the checkpoint doesn't pass it either. */
  async #take(came: Came): Promise<void> {
    const judged = this.#judge.add(came, this.#watch.contact.range);
    for (const one of judged) await this.#settle(one);
    const leftOut = this.#judge.takeLeftOut();
    if (leftOut) this.#declareLeftOut(leftOut);
  }

  async #settle({ candidate, owner }: Judged<Came>): Promise<void> {
    const { fragment, wholeness, openings, behindMs } = candidate;
    if (owner === 'ours') this.#foreign = undefined;
    else if (owner !== 'before') this.#foreign ??= fragment.number;
    this.#call = saw(this.#call, fragment, owner, this.#ports.clock.now());
    if (owner !== 'ours') return;
    this.#tookMore = true;
    this.#spool.observe(openings, behindMs);
    if (wholeness === 'cut') this.#declareCut(fragment);
    await this.#spool.add(fragment);
  }

  #declareLeftOut({ first, last }: LeftOut): void {
    this.#spool.declare({
      kind: 'FRAGMENTS_MISSING',
      why: 'more fragments without a ContactId came in a row than can be held until it shows whose they are',
      firstFragmentNumber: first.toString(),
      lastFragmentNumber: last.toString(),
    });
  }

  #declareCut(fragment: NumberedFragment): void {
    this.#spool.declare({
      kind: 'FRAGMENT_CUT',
      why: 'the fragment broke off and could not be read again; its complete blocks are kept',
      firstFragmentNumber: fragment.number.toString(),
      lastFragmentNumber: fragment.number.toString(),
    });
  }

  /** Nothing came, and the stream may have forgotten what was there: whether there was more isn't known. */
  #declarePositionLost(): void {
    const last = this.#lastNumber;
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

  /** What else is known of the call by now. */
  async #lookAround(): Promise<void> {
    const { clock } = this.#ports;
    this.#spool.throwIfFailed();
    this.#spool.storeIfOld();
    await this.#watch.look(clock.now() - this.#call.lastOursAtMs);
    this.#call = heardOf(this.#call, this.#watch.contact, clock.now());
    if (this.#call.overSinceMs !== undefined) this.#reader.callIsOver();
  }

  /** Of the last fragment that was handed over. */
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
    return before && !this.#tookMore && SAW_THE_END.has(before.reason) ? before : undefined;
  }

  #endSeenNow({ reason, why, loss }: End, nowMs: number): Ended {
    if (loss) this.#spool.declare(loss);
    if (isLost(this.#reader.reading.position)) this.#declarePositionLost();
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
    for (const said of this.#reader.rest()) await this.#handle(said);
    const { range } = this.#watch.contact;
    for (const judged of this.#judge.finish(range)) await this.#settle(judged);
    this.#spool.disownBehind(range);
    const ended = this.#endSeenBefore() ?? this.#endSeenNow(end, clock.now());
    this.close();
    const { openings, behindMs } = this.#reader.reading;
    this.#spool.observe(openings, behindMs);
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
