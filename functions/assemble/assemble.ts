/**
 * The final state of a recording: tape → WAV, and the record completed. Whatever happened before, running it again
 * gives the same bytes.
 */
import {
  askWitness,
  type CallTimes,
  isListed,
  lastNamed,
  listSettled,
  overAt,
} from '../../backfill/witness.ts';
import type { AssembleInput } from '../../contract/workflow.ts';
import {
  type AssemblyClaim,
  AssemblySuperseded,
  CallMissing,
  type Calls,
  type ContactCall,
} from '../../ports/calls/calls.ts';
import type { Checkpoints } from '../../ports/checkpoints/checkpoints.ts';
import type { Contacts } from '../../ports/contacts/contacts.ts';
import type { Events } from '../../ports/events/events.ts';
import type { MediaArchive } from '../../ports/media/media.ts';
import type { Recordings } from '../../ports/recordings/recordings.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { assembleAudio } from '../../recording/audio/assembly.ts';
import { fileKey, recordKey, wavKey } from '../../recording/audio/files/keys.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { Timeline, type TimelineFacts } from '../../recording/audio/timeline.ts';
import {
  type CallRecord,
  type CallStatus,
  type Completion,
  type ContactFacts,
  isFinal,
  type Loss,
  type StoredFile,
} from '../../recording/call-record.ts';
import type { Checkpoint, Ended } from '../../recording/checkpoint.ts';
import { filesBeside } from '../../recording/further-files.ts';
import { parseRecording, type Recording, recordingId } from '../../recording/identity.ts';
import type { Evidence } from '../../recording/losses/evidence.ts';
import { judge, type Judgement } from '../../recording/losses/judgement.ts';
import { rangeAmong, type RecordingRange } from '../../recording/range.ts';
import { TapeMerge, type TapeObjectContent } from '../../recording/tape/merge.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import type { TranscriptFacts } from '../../recording/transcript-facts.ts';
import { announce } from './announce.ts';
import { completionOf, type Recorded } from './completion.ts';
import { beforeAssembly, earlierAssembly } from './earlier.ts';
import { endedCheckpoint } from './ended.ts';
import { leavingNoTrace } from './erased.ts';
import { measuredOf } from './measured.ts';
import { RecordingFiles, type WrittenFiles } from './recording-files.ts';
import { type Replace, replacing } from './replace.ts';
import { writeTranscript } from './transcript.ts';

export interface AssemblyPorts {
  readonly tape: Tape;
  readonly recordings: Recordings;
  readonly checkpoints: Checkpoints;
  readonly calls: Calls;
  /** The archive of the recording's own stream. */
  readonly archive: MediaArchive;
  readonly contacts: Contacts;
  readonly events: Events;
  /** What is said while people talk; undefined where nobody writes it down. */
  readonly transcripts?: Transcripts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface AssemblyResult {
  readonly recordingId: string;
  readonly status: CallStatus;
}

/**
 * @param formats beside the WAV. @param transcriptSource whose words a transcript has where several have written them down
 * @throws when it could not be done now; it may be tried again. */
export async function assembleRecording(
  ports: AssemblyPorts,
  input: AssembleInput,
  formats: readonly FileFormat[] = [],
  transcriptSource?: TranscriptSource,
): Promise<AssemblyResult> {
  const beside = { formats, transcriptSource };
  return leavingNoTrace(ports, input, (unlessErased) => assemble(unlessErased, input, beside));
}

/** What is written beside the WAV. */
interface BesideWav {
  readonly formats: readonly FileFormat[];
  readonly transcriptSource: TranscriptSource | undefined;
}

async function assemble(
  ports: AssemblyPorts,
  input: AssembleInput,
  beside: BesideWav,
): Promise<AssemblyResult> {
  const recording = parseRecording(input.contactId, input.startFragmentNumber);
  const id = recordingId(recording);
  // Before it asks whose the recording is: after a resumption that one's assembly has begun later.
  const sinceMs = ports.clock.now();
  const checkpoint = await endedCheckpoint(ports, recording, input.executionArn);
  if (checkpoint.owner !== input.executionArn) {
    // Another execution has taken the recording over, and will assemble it.
    const call = await ports.calls.get(recording);
    return { recordingId: id, status: call?.status ?? 'RECORDING' };
  }
  try {
    const claim = await ports.calls.assembling(recording, input.executionArn, sinceMs, input);
    // Not before: what an earlier assembly has put on the tape must be seen by all that replace what it made of it.
    const tape = readTape(ports.tape, recording);
    const status = await new Assembly(ports, input, claim, checkpoint, beside).run(tape);
    return { recordingId: id, status };
  } catch (error) {
    if (!(error instanceof AssemblySuperseded)) throw error;
    return { recordingId: id, status: await statusOfLater(ports, recording, input.executionArn, error) };
  }
}

/**
 * What a later assembly has made of it, or another execution will. One of the same execution that is still under way
 * may have been given up by the workflow, and die: then the workflow is to try again, with one that begins last.
 */
async function statusOfLater(
  { calls }: AssemblyPorts,
  recording: Recording,
  executionArn: string,
  superseded: AssemblySuperseded,
): Promise<CallStatus> {
  const call = await calls.get(recording);
  if (call === undefined) throw new CallMissing(recordingId(recording));
  if (call.executionArn === executionArn && !isFinal(call.status)) throw superseded;
  return call.status;
}

/** What one pass over the tape gave. */
interface Pass {
  readonly merge: TapeMerge;
  readonly timeline: TimelineFacts;
  /** Epoch ms of the WAV’s frame 0. */
  readonly originMs: number | undefined;
  /** Finishes the files, or drops them. */
  readonly files: RecordingFiles;
}

const NOT_MADE_WHY =
  'the earlier WAV was kept, since the tape gives less now than it holds; calls fetch makes a file of it';

class Assembly {
  readonly #ports: AssemblyPorts;
  readonly #input: AssembleInput;
  readonly #recording: Recording;
  readonly #claim: AssemblyClaim;
  readonly #replace: Replace;
  readonly #checkpoint: Checkpoint & { readonly ended: Ended };
  readonly #startedAt: Date;
  readonly #formats: readonly FileFormat[];
  readonly #transcriptSource: TranscriptSource | undefined;

  constructor(
    ports: AssemblyPorts,
    input: AssembleInput,
    claim: AssemblyClaim,
    checkpoint: Checkpoint & { readonly ended: Ended },
    { formats, transcriptSource }: BesideWav,
  ) {
    this.#ports = ports;
    this.#input = input;
    this.#recording = claim.recording;
    this.#claim = claim;
    this.#replace = replacing(ports.recordings, ports.calls, claim);
    this.#checkpoint = checkpoint;
    this.#startedAt = new Date(input.startedAt);
    this.#formats = formats;
    this.#transcriptSource = transcriptSource;
  }

  /** @param tape the recording's, from its beginning */
  async run(tape: AsyncIterable<TapeObjectContent>): Promise<CallStatus> {
    const { contactId } = this.#recording;
    const [calls, answer] = await Promise.all([
      this.#ports.calls.ofContact(contactId),
      this.#ports.contacts.describe(contactId),
    ]);
    const range = rangeAmong(calls, this.#recording, this.#input.streamArn);
    const own = calls.find(
      (call) => BigInt(call.startFragmentNumber) === this.#recording.startFragmentNumber,
    );
    const facts = answer.known ? answer.facts : {};
    const disconnectedAt = own?.disconnectedAt ?? facts.disconnectedAt;

    const times = () => this.#times(disconnectedAt);
    const archive = listSettled(this.#ports.archive, times());
    const earlier = await earlierAssembly(this.#ports.recordings, this.#input, own);
    const suspects = earlier.evidence?.losses ?? [];
    let pass = await this.#pass(tape, range, suspects);
    const witness = await this.#witness(pass, range, archive, times());
    if (witness.restored.size > 0) {
      await pass.files.abort();
      pass = await this.#pass(readTape(this.#ports.tape, this.#recording), range, suspects);
    }
    const evidence: Evidence = {
      recording: this.#recording,
      range,
      checkpoint: this.#checkpoint,
      merge: pass.merge,
      timeline: pass.timeline,
      witness,
      lastNamed: lastNamed(answer, range),
      listedToEnd: isListed(witness, overAt(range, calls, this.#checkpoint.ended, disconnectedAt)),
      earlier: earlier.evidence,
      contact: own,
    };
    const judgement = judge(evidence, this.#ports.clock.now());
    const recorded = await this.#finish(pass, judgement, earlier.files);
    const completion = completionOf(this.#checkpoint, evidence, judgement, recorded, this.#ports.clock.now());
    const transcript = await this.#transcript(pass, judgement, own);
    return this.#complete(own, { ...completion, ...(transcript && { transcript }) }, facts);
  }

  async #pass(
    tape: AsyncIterable<TapeObjectContent>,
    range: RecordingRange,
    suspects: readonly Loss[],
  ): Promise<Pass> {
    const merge = new TapeMerge(
      this.#recording,
      range,
      suspects,
      this.#checkpoint.position?.lastFragmentNumber,
    );
    const timeline = new Timeline();
    const keyOf = (format: FileFormat) => fileKey(this.#recording, this.#startedAt, format);
    const files = new RecordingFiles(this.#ports, { formats: this.#formats, keyOf, audio: timeline });
    try {
      for await (const chunk of assembleAudio(tape, merge, timeline)) await files.write(chunk);
      const facts = timeline.facts();
      await files.end(facts.frames);
      return { merge, timeline: facts, originMs: timeline.originMs, files };
    } catch (error) {
      await files.abort();
      throw error;
    }
  }

  #times(disconnectedAt: string | undefined): CallTimes {
    return {
      startedAtMs: this.#startedAt.getTime(),
      disconnectedAtMs: disconnectedAt === undefined ? undefined : Date.parse(disconnectedAt),
      ended: this.#checkpoint.ended,
      nowMs: this.#ports.clock.now(),
    };
  }

  async #witness({ merge, files }: Pass, range: RecordingRange, archive: MediaArchive, times: CallTimes) {
    const { tape, clock } = this.#ports;
    const cut = this.#checkpoint.losses.filter(({ kind }) => kind === 'FRAGMENT_CUT');
    try {
      return await askWitness({
        recording: this.#recording,
        range,
        archive,
        tape,
        clock,
        merge,
        cut: new Set(cut.map(({ firstFragmentNumber }) => BigInt(firstFragmentNumber ?? -1))),
        ...times,
      });
    } catch (error) {
      await files.abort();
      throw error;
    }
  }

  /** @returns undefined when there is no audio: then there is no file either. */
  async #finish(
    { timeline, files }: Pass,
    { standing }: Judgement,
    earlier: readonly StoredFile[],
  ): Promise<Recorded | undefined> {
    const { sampleRate, frames } = timeline;
    if (standing) {
      await files.abort();
      const notMade = this.#formats.map(({ name }) => ({ format: name, why: NOT_MADE_WHY }));
      return { audio: standing.audio, files: filesBeside(notMade, earlier, standing.audio.sha256) };
    }
    if (frames === 0) return undefined;
    let written: WrittenFiles;
    try {
      written = await files.finish(this.#replace);
    } catch (error) {
      await files.abort();
      throw error;
    }
    const { wav, further } = written;
    const key = wavKey(this.#recording, this.#startedAt);
    const { bucket } = this.#ports.recordings;
    const { bytes, sha256 } = wav;
    const audio = { bucket, key, bytes, sha256, sampleRate, channels: 2, frames } as const;
    return { audio, files: filesBeside(further, earlier, wav.sha256) };
  }

  /** Of what was said, as far as it was written down. A WAV that was kept keeps its own. */
  async #transcript(
    { timeline, originMs }: Pass,
    { standing }: Judgement,
    own: ContactCall | undefined,
  ): Promise<TranscriptFacts | undefined> {
    if (standing || originMs === undefined) return own?.transcript;
    const wav = { originMs, sampleRate: timeline.sampleRate };
    return writeTranscript(
      this.#ports,
      this.#replace,
      this.#recording,
      this.#startedAt,
      wav,
      this.#transcriptSource,
      own?.transcript,
    );
  }

  /** The JSON first, so that it is there for whoever sees the record completed; then the record; then the event. */
  async #complete(
    own: ContactCall | undefined,
    completion: Completion,
    facts: ContactFacts,
  ): Promise<CallStatus> {
    const { calls, recordings, telemetry } = this.#ports;
    const document = { ...facts, ...beforeAssembly(own), ...this.#identity(), ...completion };
    const json = Buffer.from(JSON.stringify(document, undefined, 2));
    const key = recordKey(this.#recording, this.#startedAt);
    await this.#replace(key, (over) => recordings.put(key, json, 'application/json', over));
    const record = await calls.complete(this.#claim, completion, facts);
    const announced = await announce(
      this.#ports,
      'Recording Completed',
      this.#announcement(record, completion),
    );
    telemetry.publish(measuredOf(record, completion, announced));
    telemetry.info('assembled', {
      status: record.status,
      why: completion.why,
      frames: completion.audio?.frames,
    });
    return record.status;
  }

  #identity() {
    const { contactId, startFragmentNumber, streamArn, startedAt, instanceArn, executionArn } = this.#input;
    return {
      contactId,
      startFragmentNumber,
      recordingId: recordingId(this.#recording),
      streamArn,
      startedAt,
      instanceArn,
      executionArn,
    };
  }

  /** The event has no phone numbers and attributes: whoever needs them reads the record. */
  #announcement(record: CallRecord, completion: Completion) {
    const { status, why, endedAt, endReason, durationMs, audio, files, transcript, losses } = completion;
    const { initialContactId, channel } = record;
    return {
      ...this.#identity(),
      initialContactId,
      channel,
      status,
      why,
      endedAt,
      endReason,
      durationMs,
      audio,
      files,
      transcript,
      lossCount: losses.length,
    };
  }
}
