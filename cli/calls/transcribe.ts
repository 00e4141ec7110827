/** Writes down what was said in finished recordings, by a recogniser on this machine or by Amazon Transcribe. */
import { TRANSCRIPT_VARIABLES } from '../../contract/variables.ts';
import { RecordingErased } from '../../ports/checkpoints/checkpoints.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { assembleAudio } from '../../recording/audio/assembly.ts';
import { Timeline } from '../../recording/audio/timeline.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { TapeMerge } from '../../recording/tape/merge.ts';
import { shiftMsOf, transcriptOf } from '../../recording/transcript/document.ts';
import { transcriptFacts, transcriptFiles } from '../../recording/transcript/files.ts';
import {
  isUntranscribed,
  originOf,
  TRANSCRIPT_SOURCES,
  type TranscriptRow,
  type TranscriptSource,
} from '../../recording/transcript/segment.ts';
import { isWritten, type WrittenTranscript } from '../../recording/transcript-facts.ts';
import type { Access } from '../access/access.ts';
import { type AudioSource, recordingRangeOf, storedAudio } from '../audio/source.ts';
import { callsOf } from '../selection/identify.ts';
import { LeftOut } from '../selection/left-out.ts';
import { type FilterArguments, selectCalls } from '../selection/select.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import { count, seconds } from '../terminal/terminal.ts';
import { hear, type Writing, writingBy } from './hearing.ts';
import { writtenUnlessErased } from './written-unless-erased.ts';

export interface TranscribeArguments extends FilterArguments {
  readonly id?: string | undefined;
  /** Every call of the filter that has none. */
  readonly all: boolean;
  /** In place of what there is. */
  readonly anew: boolean;
  readonly source: TranscriptSource;
}

export async function transcribeCalls(access: Access, io: Io, args: TranscribeArguments): Promise<ExitCode> {
  if (args.all === (args.id !== undefined))
    throw new CliError(EXIT.usage, 'give a call, or --all and which ones');
  const writing = await writingBy(args.source, access, io);
  let code: ExitCode = EXIT.ok;
  const leftOut = new LeftOut(io);
  for await (const { call, audio } of chosen(access, io, args, leftOut)) {
    if (io.signal.aborted) return EXIT.notComplete;
    if (audio === undefined) {
      note(io, `${call.recordingId}: there is no finished recording`);
      code = EXIT.notComplete;
      continue;
    }
    const facts = await writtenUnlessErased(access, call, () =>
      transcribe(access, io, { call, audio, writing, ...args }),
    ).catch(orErased);
    if (facts === undefined) return EXIT.notComplete;
    note(io, `${call.recordingId}: ${facts === 'erased' ? ERASED : inWords(facts)}`);
    if (facts === 'erased' || facts.untranscribed > 0) code = EXIT.notComplete;
  }
  return leftOut.count > 0 ? EXIT.failed : code;
}

const ERASED = 'it has been erased meanwhile; nothing of what was said in it is kept';

/** Others are gone on with. */
function orErased(error: unknown): 'erased' {
  if (error instanceof RecordingErased) return 'erased';
  throw error;
}

function inWords({ words, segments, untranscribed, untranscribedMs }: WrittenTranscript): string {
  const missing = untranscribed === 0 ? '' : `, and nothing of ${seconds(untranscribedMs)}`;
  return `${count(words, 'word')} in ${count(segments, 'segment')}${missing}`;
}

interface Chosen {
  readonly call: CallRecord;
  /** Undefined: there is no finished recording. */
  readonly audio: AudioSource | undefined;
}

async function* chosen(
  access: Access,
  io: Io,
  args: TranscribeArguments,
  leftOut: LeftOut,
): AsyncGenerator<Chosen> {
  if (args.id !== undefined) {
    for (const call of await callsOf(access, args.id)) yield { call, audio: storedAudio(access, call) };
    return;
  }
  for await (const { recordingId } of selectCalls(access, io, args, leftOut.tell)) {
    const one = await leftOut.unlessOwn(recordingId, () => finished(access, recordingId));
    if (one === undefined) continue;
    const { transcript } = one.call;
    const has = transcript !== undefined && isWritten(transcript);
    if (!has || args.anew) yield one;
  }
}

/** @returns undefined where there is no finished recording */
async function finished(access: Access, recordingId: string): Promise<Chosen | undefined> {
  const call = await access.calls.get(parseRecordingId(recordingId));
  if (call?.audio === undefined || !isFinal(call.status)) return undefined;
  return { call, audio: storedAudio(access, call) };
}

interface Task {
  readonly call: CallRecord;
  readonly audio: AudioSource;
  readonly writing: Writing;
  readonly anew: boolean;
  readonly source: TranscriptSource;
}

/** @returns undefined where it was stopped: what has been written so far stays, and is gone on with */
async function transcribe(access: Access, io: Io, task: Task): Promise<WrittenTranscript | undefined> {
  const { transcripts } = access;
  const { call, audio, writing } = task;
  const { recordingId, startedAt } = call;
  if (task.anew) await transcripts.erase(recordingId);
  const before = await transcripts.ofRecording(recordingId);
  const originMs = await originOfWav(access, call, before);
  const watched = new Watched(transcripts);
  await hear(writing, io, call, audio, { transcripts: watched, originMs });
  if (io.signal.aborted) return undefined;
  // All of it has been heard now: what couldn't be written down while the call went on has been, where anything was said.
  if (!watched.hasUntranscribed)
    for (const row of before)
      if (isUntranscribed(row) && row.source === task.source) await transcripts.remove(row);
  const rows = await transcripts.ofRecording(recordingId);
  const { sampleRate } = audio;
  const none = { recordingId, frameShift: 0, sampleRate, sources: [], segments: [], untranscribed: [] };
  const preferred = TRANSCRIPT_SOURCES.find((one) => one === io.env[TRANSCRIPT_VARIABLES.source]);
  const transcript = transcriptOf(rows, { originMs, sampleRate }, preferred) ?? none;
  const recording = parseRecordingId(recordingId);
  const objects = access.objectsOf(call);
  for (const { key, bytes, contentType, tagging } of transcriptFiles(
    transcript,
    recording,
    new Date(startedAt),
  ))
    await objects.put(key, bytes, contentType, tagging);
  const facts = transcriptFacts(transcript, recording, new Date(startedAt));
  await access.recordTranscript.transcribed(recording, facts);
  return facts;
}

/** Sees whether there is anything that can't be written down. */
class Watched implements Transcripts {
  hasUntranscribed = false;
  readonly #transcripts: Transcripts;

  constructor(transcripts: Transcripts) {
    this.#transcripts = transcripts;
  }

  put(row: TranscriptRow): Promise<void> {
    if (isUntranscribed(row)) this.hasUntranscribed = true;
    return this.#transcripts.put(row);
  }

  ofRecording(recordingId: string, fromId?: string): Promise<TranscriptRow[]> {
    return this.#transcripts.ofRecording(recordingId, fromId);
  }

  replace(row: TranscriptRow): Promise<void> {
    return this.#transcripts.replace(row);
  }

  remove(row: TranscriptRow): Promise<void> {
    return this.#transcripts.remove(row);
  }

  erase(recordingId: string): Promise<number> {
    return this.#transcripts.erase(recordingId);
  }
}

/** Epoch ms of the WAV's frame 0: rows may count from another one, where the beginning was found later. */
async function originOfWav(
  access: Access,
  call: CallRecord,
  rows: readonly TranscriptRow[],
): Promise<number> {
  const onTape = await originOnTape(access, call);
  if (onTape !== undefined) return onTape;
  const [row] = rows;
  if (row === undefined) return Date.parse(call.startedAt);
  const { transcript, audio } = call;
  if (transcript === undefined || !isWritten(transcript) || audio === undefined) return originOf(row);
  return originOf(row) - shiftMsOf({ frameShift: transcript.frameShift, sampleRate: audio.sampleRate });
}

/** When a call's frame 0 was, as its first fragments tell; undefined where the tape has expired. */
async function originOnTape(access: Access, call: CallRecord): Promise<number | undefined> {
  const recording = parseRecordingId(call.recordingId);
  const merge = new TapeMerge(recording, await recordingRangeOf(access, recording));
  const timeline = new Timeline();
  const audio = assembleAudio(readTape(access.tapeOf(call), recording), merge, timeline);
  while (timeline.originMs === undefined && (await audio.next()).done !== true) continue;
  return timeline.originMs;
}
