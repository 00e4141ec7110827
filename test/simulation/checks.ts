/** Checks what must be true of every run: the promise (docs/RELIABILITY.md), the invariants, and that it comes to an end. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { CheckpointWrite } from '../../ports/checkpoints/memory-checkpoints.ts';
import { recordKey, wavKey } from '../../recording/audio/files/keys.ts';
import {
  type CallRecord,
  type EndReason,
  type Gap,
  isFinal,
  type Loss,
  SAW_THE_END,
  TRACKS,
} from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { RESUMPTIONS_MAX } from '../../recording/resumptions.ts';
import { checkErased, checkUnharmed, isErased, standingOn } from './erased.ts';
import { readings, takenFromTheNext } from './late.ts';
import { ERASURE_MS } from './operators.ts';
import { covers, Outcomes } from './outcomes.ts';
import type { SimulatedProcess } from './process.ts';
import { REFUSED, wasOutForLong, wasRefusedForLong } from './refused.ts';
import type { CallPlan, FragmentPlan } from './scenario.ts';
import {
  isBroken,
  KEPT_AT_LEAST_MS,
  LIVE,
  START_MS,
  type TrueFragment,
  type TrueRecording,
} from './stream.ts';
import { TapeContent } from './tape-content.ts';
import { type TrueAudio, trueAudio } from './truth.ts';
import { wasSilentForLong, wasToldToGoOn } from './went-on.ts';
import type { TapeRecord, World } from './world.ts';

/** The kind tells failures apart when a scenario is shrunk. */
export interface Finding {
  readonly kind: string;
  readonly what: string;
}

/** Once faults have stopped and the contact is known to be over. */
const DEADLY: ReadonlySet<string> = new Set([
  'kill',
  'killAt',
  'terminate',
  'freeze',
  'handOver',
  'stranger',
]);
const LIVENESS_MS = 15 * 60_000;
/** What breaks off behind a long outage is tried again so much later at most (contract/workflow.ts). */
const RETRY_MS = 300_000;
/** Within this time of the last fault everything that the stream still had has been read. */
const CATCH_UP_MS = 120_000;
/** StartTimestamp may be so much earlier than the start. */
const EARLY_MS = 10_000;
/** An outage shorter than this fails nothing: the assembly is tried again for longer. */
const HOURS_MS = 4 * 3_600_000;
/** What the schedule resumes is given up a day later at most, and each resumption may fail for hours. */
const SCHEDULE_MS = 48 * 3_600_000;
const WAV_HEADER_BYTES = 44;
const Beside = v.object({ status: v.string(), audio: v.optional(v.object({ sha256: v.string() })) });

export class Checks {
  readonly #world: World;
  readonly #found: Finding[] = [];
  readonly #tapes = new Map<string, TapeContent>();
  readonly #outcomes: Outcomes;
  /** The assembly that completed each recording last. */
  readonly #completedBy = new Map<TrueRecording, SimulatedProcess>();
  /** Who holds each recording. */
  readonly #attempts = new Map<string, Checkpoint>();

  constructor(world: World) {
    this.#world = world;
    for (const { recording } of world.stream.recordings)
      this.#tapes.set(recordingId(recording), new TapeContent(world.stream.fragments));
    this.#outcomes = new Outcomes(this.#tapes, (kind, what) => {
      this.#find(kind, what);
    });
    world.onCall = (write) => {
      const one = this.#recordingOf(write.after.startFragmentNumber);
      if (!one) return;
      const standing = world.expired > 0 ? standingOn(world, one) : undefined;
      this.#outcomes.note(write, one, world.scenario.call.sampleRate, standing);
    };
    world.onCompleted = ({ startFragmentNumber }, by) => {
      const one = this.#recordingOf(startFragmentNumber.toString());
      if (one) this.#completedBy.set(one, by);
    };
    world.onMarkedFailed = (one) => {
      this.#outcomes.markedFailed(one);
    };
    world.onTape = (write) => {
      this.#checkTape(write);
    };
    world.onClaimed = ({ recordingId: id, attempt, owner }) => {
      const standing = this.#attempts.get(id);
      if (standing?.attempt !== attempt || standing.owner !== owner)
        this.#find(
          'owner',
          `attempt ${attempt} wrote, though attempt ${String(standing?.attempt)} holds the recording`,
        );
    };
    world.onCheckpoint = (write) => {
      this.#checkCheckpoint(write);
    };
  }

  /** When a run that isn't over is stuck. */
  get untilMs(): number {
    const { call, faults, settings, service } = this.#world.scenario;
    const ends = faults.map((fault) => ('ms' in fault ? fault.ms : 0) + ('atMs' in fault ? fault.atMs : 0));
    const sumMs = ends.reduce((sum, ms) => sum + ms, 0);
    const endMs =
      this.#world.stream.contactEndsMs +
      (isEndTold(call) ? 0 : settings.longestCallMs * (1 + this.#deaths) + settings.idleTimeoutMs);
    const erasures = faults.filter(({ kind }) => kind === 'erase').length;
    const othersMs = erasures * ERASURE_MS + (service.resumeEveryMs === undefined ? 0 : SCHEDULE_MS);
    const retriesMs = faults.some(({ kind }) => kind === 'outage') ? faults.length * RETRY_MS : 0;
    return Math.max(endMs, START_MS) + sumMs + retriesMs + LIVENESS_MS + service.launchMs + othersMs;
  }

  /** A task that begins anew measures silence from then on: what is silent already may last for as long once more. */
  get #deaths(): number {
    return this.#world.scenario.faults.filter(({ kind }) => DEADLY.has(kind)).length;
  }

  findings(isOver: boolean): readonly Finding[] {
    if (!isOver) this.#find('liveness', 'it has not come to an end');
    else for (const one of this.#world.stream.recordings) this.#checkRecording(one);
    this.#checkResumptions();
    for (const what of this.#world.listening?.found ?? []) this.#find('live', what);
    return this.#found;
  }

  /** Neither two at once, nor more than the schedule makes by itself and people ask for. */
  #checkResumptions(): void {
    const { scenario, overlapping, executions, stream } = this.#world;
    const isOutside = scenario.faults.some(({ kind }) => kind === 'handOver' || kind === 'stranger');
    if (overlapping.length > 0 && !isOutside)
      this.#find('overlapping', `${String(overlapping[0])} began while another execution was under way`);
    const byHand = scenario.faults.filter(({ kind }) => kind === 'resume').length;
    const most = byHand + (byHand + 1) * RESUMPTIONS_MAX;
    for (const one of stream.recordings) {
      const count = executions.filter(({ of, isResumption }) => of === one && isResumption).length;
      if (count > most) this.#find('resumptions', `it was resumed ${count} times`);
    }
  }

  #recordingOf(startFragmentNumber: string): TrueRecording | undefined {
    return this.#world.stream.recordings.find(
      ({ recording }) => recording.startFragmentNumber.toString() === startFragmentNumber,
    );
  }

  #find(kind: string, what: string): void {
    this.#found.push({ kind, what });
  }

  /** Verbatim, whole fragments of this recording's contact, under a name that tells them. */
  #checkTape({ recording, key, segment }: TapeRecord): void {
    const tape = this.#tapes.get(recordingId(recording));
    const wrong = tape?.add(segment);
    if (wrong !== undefined) this.#find('tape', `${key}: ${wrong}`);
  }

  #checkCheckpoint({ operation, before, after }: CheckpointWrite): void {
    if (operation !== 'advance' && operation !== 'end') this.#attempts.set(after.recordingId, after);
    const one = this.#world.stream.recordings.find(
      ({ recording }) => recordingId(recording) === after.recordingId,
    );
    const tape = this.#tapes.get(after.recordingId);
    if (!one || !tape) return;
    const reached = after.position?.lastFragmentNumber;
    if (reached !== undefined) {
      for (const fragment of one.fragments) {
        if (fragment.number > reached || tape.has(fragment) || this.#isExcused(fragment, after.losses))
          continue;
        this.#find(
          'ahead',
          `the checkpoint is at ${nth(one, reached)}, but the tape lacks ${nth(one, fragment.number)}`,
        );
        break;
      }
      if (!tape.holds(reached))
        this.#find('ahead', 'the checkpoint is at a fragment that is not on the tape');
    }
    if (after.counters.fragments > tape.size) this.#find('count', 'more fragments are counted than stored');
    const isWrite = operation === 'advance' || operation === 'end';
    if (isWrite && before && (before.owner !== after.owner || before.attempt !== after.attempt))
      this.#find('owner', 'a write changed the owner or the attempt');
  }

  /** It can't be on the tape, or is known not to be. */
  #isExcused(fragment: TrueFragment, losses: readonly Loss[]): boolean {
    return (
      isBroken(fragment.plan) ||
      fragment.plan.hidden === true ||
      losses.some((loss) => covers(loss, fragment.number))
    );
  }

  #checkRecording(one: TrueRecording): void {
    const { calls, checkpoints } = this.#world;
    const find = (kind: string, what: string) => {
      this.#find(kind, what);
    };
    if (isErased(this.#world, one)) {
      checkErased(this.#world, one, find);
      return;
    }
    const held = this.#tapes.get(recordingId(one.recording));
    if (held) checkUnharmed(this.#world, one, held, find);
    const { contactId, startFragmentNumber } = one.recording;
    const item = calls.item({ contactId, startFragmentNumber: startFragmentNumber.toString() });
    const record = calls.history.findLast(
      ({ after }) => after.startFragmentNumber === startFragmentNumber.toString(),
    );
    const executions = this.#world.executions.filter(({ of }) => of === one);
    if (item?.error !== undefined && executions.some(({ markedFailed }) => markedFailed)) {
      const isMended = this.#world.scenario.service.resumeEveryMs !== undefined;
      if (isMended || this.#longestOutageMs() < HOURS_MS) this.#find('failed', 'marked as failed');
      return;
    }
    const checkpoint = checkpoints.history.findLast(
      ({ after }) => after.recordingId === recordingId(one.recording),
    );
    if (!item || !record || !checkpoint?.after.ended) {
      this.#find('ended', 'there is no record, or no end in the checkpoint');
      return;
    }
    this.#checkOutcome(one, record.after, checkpoint.after.ended.reason);
  }

  #checkOutcome(one: TrueRecording, record: CallRecord, reason: EndReason): void {
    const { tape, truth } = this.#tapeAsRead(one, record);
    if (!isFinal(record.status)) this.#find('status', `${record.status}, and nobody is at work any more`);
    this.#checkJson(one, record);
    this.#checkWav(one, record, truth);
    const missing = one.fragments.filter(
      (fragment) => fragment.blocks.length > 0 && !tape.hasAllOf(fragment),
    );
    this.#checkStatus(one, record, missing, reason);
    this.#checkLossless(one, missing, reason);
  }

  /** What is held against the record: all of the tape, or less, where tasks that were superseded stored more too late. */
  #tapeAsRead(one: TrueRecording, record: CallRecord): { tape: TapeContent; truth: TrueAudio } {
    const { audio, status } = record;
    const assembly = this.#completedBy.get(one);
    const all = assembly ? readings(this.#world, one, assembly) : [];
    const whole = this.#tapes.get(recordingId(one.recording)) ?? new TapeContent([]);
    const { sampleRate } = this.#world.scenario.call;
    const ours = [one.fragments, ...(assembly ? takenFromTheNext(this.#world, one, assembly, record) : [])];
    const told = ours.flatMap((fragments) =>
      [whole, ...all].map((tape) => ({ tape, truth: tape.audioOf(fragments, sampleRate) })),
    );
    const isSilent = status === 'EMPTY' || status === 'FAILED';
    const alike = told.find(({ truth }) => (isSilent ? truth.frames === 0 : truth.sha256 === audio?.sha256));
    return alike ?? told[0] ?? { tape: whole, truth: trueAudio([], 1) };
  }

  #longestOutageMs(): number {
    return Math.max(
      0,
      ...this.#world.scenario.faults.map((fault) => (fault.kind === 'outage' ? fault.ms : 0)),
    );
  }

  #checkJson(one: TrueRecording, record: CallRecord): void {
    const json = this.#world.recordings.get(recordKey(one.recording, new Date(record.startedAt)));
    const beside: unknown = json && JSON.parse(Buffer.from(json).toString());
    if (!v.is(Beside, beside)) this.#find('json', `there is no JSON, though the call is ${record.status}`);
    else if (beside.status !== record.status || beside.audio?.sha256 !== record.audio?.sha256)
      this.#find('json', `the JSON says ${beside.status} of another WAV or status than ${record.status}`);
  }

  #checkWav(one: TrueRecording, record: CallRecord, truth: TrueAudio): void {
    const key = wavKey(one.recording, new Date(record.startedAt));
    const wav = this.#world.recordings.get(key);
    const isExpired = this.#world.expired > 0;
    if (record.status === 'EMPTY' || record.status === 'FAILED') {
      if (truth.frames > 0 && !isExpired)
        this.#find('wav', `${record.status}, though there is audio on the tape`);
      return;
    }
    if (!wav || !record.audio) {
      this.#find('wav', `there is no WAV, though the call is ${record.status}`);
      return;
    }
    const sha256 = createHash('sha256').update(wav.subarray(WAV_HEADER_BYTES)).digest('hex');
    if (sha256 !== record.audio.sha256) this.#find('wav', 'the WAV is not the one that the record tells of');
    if (isExpired) {
      if (!this.#outcomes.mayHaveSamples(one, sha256))
        this.#find('wav', 'the WAV’s samples are what no tape held: part of it had expired');
      return;
    }
    if (sha256 !== truth.sha256) {
      const frames = (wav.length - WAV_HEADER_BYTES) / 4;
      this.#find('wav', `the WAV’s samples are not the tape’s: ${frames} frames for ${truth.frames}`);
    }
    this.#checkGaps(record, truth);
    this.#world.listening?.check(one, record, wav.subarray(WAV_HEADER_BYTES));
  }

  #checkGaps({ media, audio }: CallRecord, truth: TrueAudio): void {
    const ms = (frames: number) => Math.round((frames * 1_000_000) / (audio?.sampleRate ?? 1)) / 1_000;
    const expected = truth.gaps.map(({ channel, fromFrame, toFrame }): Gap => {
      return { track: TRACKS[channel], startMs: ms(fromFrame), lengthMs: ms(toFrame - fromFrame) };
    });
    const [told, wanted] = [inOrder(media?.gaps ?? []), inOrder(expected)];
    if (told !== wanted) this.#find('gaps', `the gaps are ${told}, not ${wanted}`);
    if (media?.reanchored !== truth.reanchored)
      this.#find('gaps', `reanchored ${String(media?.reanchored)} times, not ${truth.reanchored}`);
    if (media?.originMs !== truth.originMs)
      this.#find('gaps', `frame 0 is at ${String(media?.originMs)}, not ${String(truth.originMs)}`);
  }

  #checkStatus(
    one: TrueRecording,
    record: CallRecord,
    missing: readonly TrueFragment[],
    reason: EndReason,
  ): void {
    const { status, losses = [] } = record;
    if (this.#world.expired > 0) return;
    const known = missing.filter(
      (fragment) =>
        (fragment.plan.hidden !== true || this.#isListed(one, fragment)) && !this.#isOfNobody(one, fragment),
    );
    const undeclared = known.filter(({ number }) => !losses.some((loss) => covers(loss, number)));
    const first = undeclared[0];
    if (first)
      this.#find(
        'undeclared',
        `${status}, but ${nth(one, first.number)} is missing, and no loss declares it`,
      );
    if (missing.length === 0 && status === 'EMPTY' && one.fragments.some(({ blocks }) => blocks.length > 0))
      this.#find('status', 'EMPTY, though there is audio');
    for (const loss of losses) {
      const isSilent = one.fragments.some(
        (fragment) => isSilentlyLost(fragment) && covers(loss, fragment.number),
      );
      if (isSilent) continue;
      if (!missing.some(({ number }) => covers(loss, number)) && !this.#isUnverifiable(loss, reason, one))
        this.#find('overdeclared', `${loss.kind} is declared, but nothing is missing there: ${loss.why}`);
    }
    const cut = losses.find(({ kind }) => kind === 'FRAGMENT_CUT')?.firstFragmentNumber;
    const isTwice = losses.some(
      (loss) => loss.kind === 'POSITION_LOST' && cut !== undefined && covers(loss, BigInt(cut)),
    );
    if (isTwice) this.#find('overdeclared', 'a fragment that was kept in part is declared lost, too');
    if (status === 'COMPLETE' && losses.length > 0) this.#find('status', 'COMPLETE with losses');
  }

  /**
   * It lies behind a fragment that is another's, or doesn't say whose it is, and nothing of ours is to be had behind both:
   * then the call was over before them, as far as anybody can tell.
   */
  #isOfNobody(
    { recording, fragments }: TrueRecording,
    { number }: TrueFragment,
    by: 'the archive' | 'GetMedia' = 'the archive',
  ): boolean {
    const tape = this.#tapes.get(recordingId(recording));
    const isSeen = ({ plan }: TrueFragment) => by === 'the archive' || plan.hidden !== true;
    const there = fragments.filter((fragment) => tape?.has(fragment) === true && isSeen(fragment));
    const last = there.at(-1)?.number ?? recording.startFragmentNumber - 1n;
    // Without any of ours before it that a checkpoint tells of, nobody knows the Segment by which one without a ContactId would be ours.
    const isAlone = ({ plan, number: one }: TrueFragment) =>
      !plan.contactTag && one !== recording.startFragmentNumber && (there.length === 0 || !isTold(one));
    const isTold = (one: bigint) =>
      this.#world.checkpoints.history.some(
        ({ after: { recordingId: id, position } }) =>
          id === recordingId(recording) && position !== undefined && position.lastFragmentNumber < one,
      );
    return this.#world.stream.fragments.some(
      (fragment) =>
        (isDoubtful(fragment.plan) || isAlone(fragment)) &&
        last < fragment.number &&
        fragment.number <= number,
    );
  }

  /** What came before it was gone, and another contact's came behind it: when it showed whose it is, it had been passed over. */
  #isAmidOthers({ recording, part }: TrueRecording, fragment: TrueFragment): boolean {
    const { fragments } = this.#world.stream;
    const at = fragments.indexOf(fragment);
    const tape = this.#tapes.get(recordingId(recording));
    const isAfterOurs = fragments.slice(0, at).some((before) => tape?.has(before) === true);
    const told = fragments.slice(at + 1).find(({ plan }) => plan.contactTag);
    return !fragment.plan.contactTag && !isAfterOurs && told !== undefined && told.plan.part !== part;
  }

  /** The last assembly that completed was told of it: the archive lists a fragment some time after it came. */
  #isListed(one: TrueRecording, { availableAtMs }: TrueFragment): boolean {
    const { faults, service } = this.#world.scenario;
    const isForgotten = service.keepMs !== undefined || faults.some(({ kind }) => kind === 'forget');
    if (!service.archive || isForgotten || this.#isArchiveFaulty()) return false;
    const listedAtMs = this.#completedBy.get(one)?.listedAtMs;
    return listedAtMs === undefined || availableAtMs + service.listingDelayMs <= listedAtMs;
  }

  /** Nothing is missing, but nobody could know it. */
  #isUnverifiable(loss: Loss, reason: EndReason, { fragments, recording }: TrueRecording): boolean {
    const { kind, firstFragmentNumber } = loss;
    const isForgotten = this.#world.scenario.faults.some((fault) => fault.kind === 'forget');
    const keepMs = isForgotten ? 0 : this.#world.scenario.service.keepMs;
    const archive = this.#world.scenario.service.archive && !this.#isArchiveFaulty();
    // What is listed, and can't be fetched now, doesn't tell that it is another's; nor does its place, while nobody saw the end.
    const mayBeOurs = ({ plan: { part } }: TrueFragment) =>
      part === 'stray' || (part === 'later' && !SAW_THE_END.has(reason));
    if (kind === 'FRAGMENTS_MISSING')
      return (
        isSpanForgotten(loss, isForgotten) ||
        // It may be forgotten in the moment between the list and the fetch, too.
        this.#world.stream.fragments.some(
          (f) =>
            mayBeOurs(f) &&
            covers(loss, f.number) &&
            (!archive || f.availableAtMs + (keepMs ?? Infinity) <= this.#world.clock.now()),
        )
      );
    if (kind === 'CUT_AT_LIMIT') return !SAW_THE_END.has(reason);
    // The list speaks of a call's end only where that is known.
    const isListedToEnd = isEndTold(this.#world.scenario.call) || SAW_THE_END.has(reason);
    if (kind === 'POSITION_LOST' || kind === 'START_MISSING')
      return !archive || keepMs !== undefined || !isListedToEnd;
    // The archive's copy, without a ContactId, can't be told to be ours when the one before it can't be read either.
    const isOrphaned = fragments.some(({ plan }) => isBroken(plan));
    if (kind === 'FRAGMENT_CUT')
      return (
        keepMs !== undefined ||
        this.#isSilentSession(fragments) ||
        ((!archive || isOrphaned) && !this.#hasAlwaysSeenTheEnd(recording))
      );
    if (kind === 'RECORDER_STOPPED') return !SAW_THE_END.has(reason);
    // At a rate that isn't theirs, blocks that share a sample don't follow on.
    if (kind === 'FRAGMENT_UNUSABLE')
      return (
        this.#tapes.get(recordingId(recording))?.tellsRate(fragments) === false &&
        fragments.some(({ plan, number }) => plan.cutWithinSamples === true && covers(loss, number))
      );
    // It came damaged, and nobody saw whose it was, or it doesn't say so itself: the recorder stopped there.
    const isBehindLast = BigInt(firstFragmentNumber ?? 0) > (fragments.at(-1)?.number ?? 0n);
    const isTold = this.#world.stream.fragments.some(
      ({ number, plan }) => plan.contactTag && covers(loss, number),
    );
    if (kind === 'FRAGMENT_MALFORMED')
      return (
        (!(archive && isTold) && isBehindLast && !SAW_THE_END.has(reason)) ||
        (keepMs !== undefined && this.#mayLieBefore(loss, keepMs))
      );
    return false;
  }

  /** The stream had forgotten the fragment, which was to be read again, when what can't be read came behind it. */
  #mayLieBefore({ lastFragmentNumber }: Loss, keepMs: number): boolean {
    const { fragments } = this.#world.stream;
    const at = fragments.findIndex(({ number }) => number - 1n === BigInt(lastFragmentNumber ?? -1));
    const [one, next] = fragments.slice(at, at + 2);
    if (at < 0 || !one || next?.plan.garbled !== true) return false;
    return !one.plan.trailingTags && one.availableAtMs + keepMs <= next.availableAtMs;
  }

  /** A session stood, and brought nothing, or two did nothing that can be read: it looks as if the stream had nothing any more. */
  #isSilentSession(fragments: readonly TrueFragment[]): boolean {
    const garbled = fragments.filter(({ plan }) => plan.garbled === true);
    const bytesMax = garbled.reduce((sum, fragment) => sum + fragment.document(LIVE).length, 0);
    const silent = this.#world.scenario.faults.flatMap((one) =>
      one.kind === 'session' && one.fault.how === 'cut' && one.fault.by === 'stall'
        ? [one.fault.afterBytes]
        : [],
    );
    return silent.includes(0) || silent.filter((afterBytes) => afterBytes <= bytesMax).length > 1;
  }

  /**
   * A task that stopped before the end, or died when it was about to, took a last fragment without trailing tags for cut; one
   * that goes on behind it can't tell.
   */
  #hasAlwaysSeenTheEnd(recording: Recording): boolean {
    return this.#world.checkpoints.history.every(
      ({ after: { recordingId: id, ended, losses } }) =>
        id !== recordingId(recording) ||
        (losses.every(({ kind }) => kind !== 'RECORDER_STOPPED') &&
          (ended === undefined || SAW_THE_END.has(ended.reason))),
    );
  }

  #isArchiveFaulty(): boolean {
    return this.#world.scenario.faults.some((fault) =>
      fault.kind === 'outage'
        ? fault.service === 'archive'
        : 'at' in fault && fault.at.operation.startsWith('archive'),
    );
  }

  /** What may be missing at all, and why. */
  #checkLossless(one: TrueRecording, missing: readonly TrueFragment[], reason: EndReason): void {
    const { service, settings } = this.#world.scenario;
    const executions = this.#world.executions.filter(({ of }) => of === one);
    const retriesMax = service.retriesMax ?? 300;
    if (this.#world.expired > 0) return;
    if (reason === 'RECORDER_GAVE_UP') {
      if (executions.every(({ taskFailures }) => taskFailures < 4 + retriesMax))
        this.#find('reason', 'the recorder gave up, though there were retries left');
      return;
    }
    if (REFUSED.has(reason)) {
      if (this.#finalFaults() < 6) this.#find('reason', `${reason}, though it was not said six times`);
    }
    const endedAtMs = this.#endedAtMs(one) ?? Infinity;
    if (reason === 'NEXT_CONTACT' && wasToldToGoOn(this.#world.scenario, this.#world.stream, endedAtMs))
      this.#find('reason', 'NEXT_CONTACT, though Connect said that the contact goes on');
    if (reason === 'IDLE' && this.#world.injector.lastFaultMs === 0)
      this.#find('reason', 'IDLE for no reason');
    if (this.#world.scenario.call.stopped === true && this.#isLate(one))
      this.#find('stopped', `${reason}, long after the flow had stopped streaming`);
    if (reason === 'LONGEST_CALL' && this.#world.clock.now() - START_MS < settings.longestCallMs - EARLY_MS)
      this.#find('reason', 'LONGEST_CALL too early');
    const limitMs = one.startMs + this.#world.scenario.call.startedAtMs + settings.longestCallMs;
    const healedMs = Math.max(START_MS, this.#world.injector.lastFaultMs) + CATCH_UP_MS;
    const wasSilent = reason === 'STREAM_TAKEN' && wasSilentForLong(settings, one, endedAtMs);
    const negligent = missing.find((fragment) => {
      const { plan, availableAtMs } = fragment;
      const expiresMs = Math.min(
        availableAtMs + (service.keepMs ?? Infinity),
        this.#forgottenMs(availableAtMs),
      );
      const isKnown =
        !isBroken(plan) &&
        plan.hidden !== true &&
        !this.#isOfNobody(one, fragment, 'GetMedia') &&
        !this.#isAmidOthers(one, fragment);
      const isBehindLimit = reason === 'LONGEST_CALL' && availableAtMs > limitMs;
      const isBehindSilence = wasSilent && availableAtMs > endedAtMs;
      return isKnown && !isBehindLimit && !isBehindSilence && expiresMs > healedMs;
    });
    if (negligent && reason !== 'IDLE' && !this.#wasRefusedForLong(one, reason))
      this.#find('lost', `${nth(one, negligent.number)} is missing, though the stream had it: ${reason}`);
  }

  /** Nobody waits for longer until a refusal or an outage passes. */
  #wasRefusedForLong(one: TrueRecording, reason: EndReason): boolean {
    const { scenario, stream } = this.#world;
    const endedAtMs = this.#endedAtMs(one);
    if (endedAtMs === undefined) return false;
    if (reason === 'LONGEST_CALL') return wasOutForLong(scenario, START_MS, endedAtMs);
    if (!REFUSED.has(reason)) return false;
    return wasRefusedForLong(scenario, stream, one, reason, endedAtMs);
  }

  /** When the end was written that stands in the checkpoint. */
  #endedAtMs(one: TrueRecording): number | undefined {
    const ended = this.#world.checkpoints.history.findLast(
      ({ operation, after }) => operation === 'end' && after.recordingId === recordingId(one.recording),
    );
    return ended && Date.parse(ended.after.ended?.at ?? '');
  }

  /** When the stream forgets at once what it has had since then. */
  #forgottenMs(sinceMs: number): number {
    const times = this.#world.scenario.faults.flatMap((fault) =>
      fault.kind === 'forget' ? [START_MS + fault.atMs] : [],
    );
    return Math.min(...times.filter((atMs) => atMs - KEPT_AT_LEAST_MS >= sinceMs));
  }

  /** The end that stands in the checkpoint came long after all that was to be read. */
  #isLate(one: TrueRecording): boolean {
    const endedAtMs = this.#endedAtMs(one);
    const lastMs = Math.max(this.#world.injector.lastFaultMs, ...one.fragments.map((f) => f.availableAtMs));
    return endedAtMs !== undefined && endedAtMs > lastMs + CATCH_UP_MS;
  }

  #finalFaults(): number {
    const finals = new Set<unknown>(['accessDenied', 'keyUnavailable', 'noSuchStream']);
    return this.#world.scenario.faults.filter((fault) => {
      if (fault.kind !== 'session') return false;
      if (fault.fault.how === 'refused') return finals.has(fault.fault.error);
      return fault.fault.how === 'report' && fault.fault.id >= 4500 && fault.fault.id !== 4503;
    }).length;
  }
}

/** Nobody could say by itself that it lies amid ours. */
function isDoubtful({ part, contactTag, otherSegment }: FragmentPlan): boolean {
  return part === 'stray' || (otherSegment === true && !contactTag);
}

/** Somebody says that the contact is over. */
function isEndTold({ eventAfterMs, describeAfterMs }: CallPlan): boolean {
  return eventAfterMs !== undefined || describeAfterMs !== undefined;
}

/** Which of two tracks' gaps is told first says nothing. */
function inOrder(gaps: readonly Gap[]): string {
  const sorted = [...gaps].sort(
    (a, b) => a.startMs - b.startMs || TRACKS.indexOf(a.track) - TRACKS.indexOf(b.track),
  );
  return JSON.stringify(sorted);
}

/** Without audio as it may be, nobody who can't have it could know. */
function isSilentlyLost({ plan, blocks }: TrueFragment): boolean {
  return blocks.length === 0 && (plan.withheld !== undefined || isBroken(plan));
}

function nth({ fragments }: TrueRecording, number: bigint): string {
  const index = fragments.findIndex((fragment) => fragment.number === number);
  return index < 0 ? 'a fragment of others' : `fragment ${index + 1} of ${fragments.length}`;
}

/**
 * Several were missing once, came onto the tape by a task that died, and the stream lists nothing of that time any more:
 * whether the tape holds all that lay between the first and the last of them, nobody can tell.
 */
function isSpanForgotten({ firstFragmentNumber, lastFragmentNumber }: Loss, isForgotten: boolean): boolean {
  return isForgotten && firstFragmentNumber !== lastFragmentNumber;
}
