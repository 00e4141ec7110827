/**
 * What assembling a recording again would come to, by the rules of now: nothing is written, and nothing is fetched from
 * the stream, which is only asked what it lists. In fixed memory, whatever the length.
 */
import { createHash } from 'node:crypto';
import type { ContactCall } from '../ports/calls/calls.ts';
import { type MediaArchive, MediaError } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import { readTape } from '../ports/tape/read-tape.ts';
import type { Tape } from '../ports/tape/tape.ts';
import { assembleAudio } from '../recording/audio/assembly.ts';
import { Timeline } from '../recording/audio/timeline.ts';
import type { CallRecord } from '../recording/call-record.ts';
import { type Checkpoint, type Ended, NO_COUNTS } from '../recording/checkpoint.ts';
import { parseRecordingId } from '../recording/identity.ts';
import { earlierOf } from '../recording/losses/earlier.ts';
import { judge, type Judgement } from '../recording/losses/judgement.ts';
import { lastNamedBy, rangeAmong } from '../recording/range.ts';
import { TapeMerge } from '../recording/tape/merge.ts';
import { askWitness, isListed, overAt } from './witness.ts';

export interface DryRequest {
  /** A recording that an assembly has come to the end of. */
  readonly call: CallRecord;
  /** Every recording of the contact. */
  readonly calls: readonly ContactCall[];
  readonly checkpoint: Checkpoint | undefined;
  readonly tape: Tape;
  readonly archive: MediaArchive;
  readonly clock: Clock;
}

export interface DryAssembly {
  readonly judgement: Judgement;
  readonly fragments: number;
  readonly frames: number;
  readonly sampleRate: number;
  /** The hash of the samples, in hex. */
  readonly sha256: string;
  /** Any fragment, of whomever, is on the tape. */
  readonly hasTape: boolean;
}

/** @throws what keeps the tape from being read now */
export async function dryAssembly(request: DryRequest): Promise<DryAssembly> {
  const { call, calls, clock } = request;
  const recording = parseRecordingId(call.recordingId);
  const checkpoint = endedCheckpoint(request);
  const earlier = earlierOf(call, call.audio !== undefined);
  const range = rangeAmong(calls, recording, call.streamArn);
  const merge = new TapeMerge(recording, range, earlier?.losses, checkpoint.position?.lastFragmentNumber);
  const timeline = new Timeline();
  const hash = createHash('sha256');
  const objects = readTape(request.tape, recording);
  for await (const chunk of assembleAudio(objects, merge, timeline)) hash.update(chunk);
  const facts = timeline.facts();
  const { disconnectedAt } = call;
  const witness = await askWitness({
    recording,
    range,
    archive: listingOnly(request.archive),
    tape: request.tape,
    clock,
    merge,
    mayBeInPart: () => false,
    startedAtMs: Date.parse(call.startedAt),
    disconnectedAtMs: disconnectedAt === undefined ? undefined : Date.parse(disconnectedAt),
    ended: checkpoint.ended,
    nowMs: clock.now(),
  });
  const listedToEnd = isListed(witness, range, overAt(range, calls, checkpoint.ended, disconnectedAt));
  const evidence = {
    recording,
    range,
    checkpoint,
    merge,
    timeline: facts,
    witness,
    lastNamed: lastNamedBy(range),
  };
  return {
    judgement: judge({ ...evidence, listedToEnd, earlier, contact: call }, clock.now()),
    fragments: merge.numbers.size,
    frames: facts.frames,
    sampleRate: facts.sampleRate,
    sha256: hash.digest('hex'),
    hasTape: merge.stored > 0,
  };
}

/** The checkpoint that an assembly would find. One that has expired is made up from the record. */
function endedCheckpoint({ call, checkpoint }: DryRequest): Checkpoint & { readonly ended: Ended } {
  const { endReason = 'RECORDER_GAVE_UP', endedAt = call.startedAt, attempts = 0 } = call;
  const ended = checkpoint?.ended ?? checkpoint?.endedBefore ?? { reason: endReason, at: endedAt };
  if (checkpoint) return { ...checkpoint, ended };
  return { recordingId: call.recordingId, attempt: attempts, counters: NO_COUNTS, losses: [], ended };
}

function listingOnly(archive: MediaArchive): MediaArchive {
  return {
    list: (fromMs, toMs) => archive.list(fromMs, toMs),
    fetch: () => Promise.reject(new MediaError('accessDenied', 'nothing is fetched')),
  };
}
