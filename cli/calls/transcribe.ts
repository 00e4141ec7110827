/** Writes down what was said in finished recordings, by a recogniser on this machine. */
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { recogniserCommand, whatIsMissing } from '../../live/sinks/recognise/own-program.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import { assembleAudio } from '../../recording/audio/assembly.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { Timeline } from '../../recording/audio/timeline.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { TapeMerge } from '../../recording/tape/merge.ts';
import { transcriptOf } from '../../recording/transcript/document.ts';
import { transcriptFacts, transcriptFiles } from '../../recording/transcript/files.ts';
import { parsePatterns } from '../../recording/transcript/masking/patterns.ts';
import { originOf } from '../../recording/transcript/segment.ts';
import { isWritten, type WrittenTranscript } from '../../recording/transcript-facts.ts';
import type { Access } from '../access/access.ts';
import { type AudioSource, recordingRangeOf, storedAudio } from '../audio/source.ts';
import { callsOf } from '../selection/identify.ts';
import { type FilterArguments, selectCalls } from '../selection/select.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import { count } from '../terminal/terminal.ts';

export interface TranscribeArguments extends FilterArguments {
  readonly id?: string | undefined;
  /** Every call of the filter that has none. */
  readonly all: boolean;
  /** In place of what there is. */
  readonly anew: boolean;
}

/** A recogniser that says nothing for so long hangs. */
const HUNG_MS = 300_000;
const END_MS = 24 * 3_600_000;

export async function transcribeCalls(access: Access, io: Io, args: TranscribeArguments): Promise<ExitCode> {
  const missing = await whatIsMissing(io.env);
  if (missing !== undefined) throw new CliError(EXIT.failed, 'nothing here can write words down', missing);
  let code: ExitCode = EXIT.ok;
  for await (const call of chosen(access, io, args)) {
    if (io.signal.aborted) return EXIT.notComplete;
    const audio = storedAudio(access, call);
    if (audio === undefined) {
      note(io, `${call.recordingId}: there is no finished recording`);
      code = EXIT.notComplete;
      continue;
    }
    const { segments, words } = await transcribe(access, io, call, audio, args.anew);
    note(io, `${call.recordingId}: ${count(words, 'word')} in ${count(segments, 'segment')}`);
  }
  return code;
}

async function* chosen(access: Access, io: Io, args: TranscribeArguments): AsyncGenerator<CallRecord> {
  if (args.all === (args.id !== undefined))
    throw new CliError(EXIT.usage, 'give a call, or --all and which ones');
  if (args.id !== undefined) {
    yield* await callsOf(access, args.id);
    return;
  }
  for await (const { recordingId } of selectCalls(access, io, args)) {
    const call = await access.calls.get(parseRecordingId(recordingId));
    if (call?.audio === undefined || !isFinal(call.status)) continue;
    const has = call.transcript !== undefined && isWritten(call.transcript);
    if (!has || args.anew) yield call;
  }
}

async function transcribe(
  access: Access,
  io: Io,
  call: CallRecord,
  audio: AudioSource,
  anew: boolean,
): Promise<WrittenTranscript> {
  const { transcripts } = access;
  const { recordingId, startedAt } = call;
  if (anew) await transcripts.erase(recordingId);
  const [row] = await transcripts.ofRecording(recordingId);
  const originMs = row ? originOf(row) : ((await originOnTape(access, call)) ?? Date.parse(startedAt));
  await hear(access, io, call, audio, originMs);
  const rows = await transcripts.ofRecording(recordingId);
  const { sampleRate } = audio;
  const none = { recordingId, frameShift: 0, sampleRate, sources: [], segments: [], untranscribed: [] };
  const transcript = transcriptOf(rows, { originMs, sampleRate }) ?? none;
  const recording = parseRecordingId(recordingId);
  const objects = access.objectsOf(call);
  for (const { key, bytes, contentType } of transcriptFiles(transcript, recording, new Date(startedAt)))
    await objects.put(key, bytes, contentType);
  const facts = transcriptFacts(transcript, recording, new Date(startedAt));
  await access.recordTranscript.transcribed(recording, facts);
  return facts;
}

/** Gives it all to a recogniser, whose words become rows. @throws CliError when it breaks off, or hangs */
async function hear(
  access: Access,
  io: Io,
  call: CallRecord,
  audio: AudioSource,
  originMs: number,
): Promise<void> {
  const { sampleRate, frames } = audio;
  const sink = new RecogniseSink(startTalker(recogniserCommand(io.env)), {
    transcripts: access.transcripts,
    clock: io.clock,
    telemetry: silentTelemetry,
    hungMs: HUNG_MS,
    endMs: END_MS,
    patterns: parsePatterns(io.env[LIVE_VARIABLES.mask] ?? ''),
  });
  const stop = () => {
    sink.close();
  };
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    await sink.start({ recording: parseRecordingId(call.recordingId), sampleRate, originMs, startFrame: 0 });
    for await (const { startFrame, stereo } of seconds(audio.read(0, frames), sampleRate))
      await sink.audio(startFrame, stereo);
    await sink.end('ended');
  } catch (error) {
    throw new CliError(EXIT.failed, `the recogniser failed on ${call.recordingId}`, undefined, error);
  } finally {
    io.signal.removeEventListener('abort', stop);
    sink.close();
  }
}

/** Whole frames, a second of them at a time. */
async function* seconds(chunks: AsyncIterable<Uint8Array>, sampleRate: number) {
  const size = sampleRate * BYTES_PER_FRAME;
  let parts: Uint8Array[] = [];
  let length = 0;
  let startFrame = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    const all = Buffer.concat(parts);
    let at = 0;
    for (; at + size <= all.length; at += size) {
      yield { startFrame, stereo: all.subarray(at, at + size) };
      startFrame += sampleRate;
    }
    parts = [all.subarray(at)];
    length = all.length - at;
  }
  if (length >= BYTES_PER_FRAME) {
    const rest = Buffer.concat(parts);
    yield { startFrame, stereo: rest.subarray(0, length - (length % BYTES_PER_FRAME)) };
  }
}

/** Epoch ms of the WAV’s frame 0, as its first fragments tell; undefined where the tape has expired. */
async function originOnTape(access: Access, call: CallRecord): Promise<number | undefined> {
  const recording = parseRecordingId(call.recordingId);
  const merge = new TapeMerge(recording, await recordingRangeOf(access, recording));
  const timeline = new Timeline();
  const audio = assembleAudio(readTape(access.tapeOf(call), recording), merge, timeline);
  while (timeline.originMs === undefined && (await audio.next()).done !== true) continue;
  return timeline.originMs;
}
