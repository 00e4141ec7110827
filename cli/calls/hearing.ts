/** Has a finished recording written down: by a recogniser on this machine, or by Amazon Transcribe. */
import { bounded } from '../../contract/environment.ts';
import { LIVE_LIMITS } from '../../contract/limits.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import type { AudioSink } from '../../live/sinks/audio-sink.ts';
import { namedLanguage } from '../../live/sinks/language-attribute.ts';
import { recogniserCommand, whatIsMissing } from '../../live/sinks/recognise/own-program.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { languageAttributeOf } from '../../live/sinks/recognise/settings.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { newTranscribeSink } from '../../live/sinks/transcribe/make.ts';
import { serviceSettings } from '../../live/sinks/transcribe/settings.ts';
import { silentTelemetry, type Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { parsePatterns } from '../../recording/transcript/masking/patterns.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import type { Access } from '../access/access.ts';
import type { AudioSource } from '../audio/source.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';

/** A recogniser that says nothing for so long hangs. */
const HUNG_MS = 300_000;
const END_MS = 24 * 3_600_000;

/** What writes down the calls of one command. */
export interface Writing {
  /** @param transcripts where its rows go. @throws CliError */
  open(call: CallRecord, transcripts: Transcripts): Promise<AudioSink>;
  /** Of what broke off. */
  readonly title: string;
}

/** @throws CliError where a setting is wrong, or nothing here can do it */
export async function writingBy(source: TranscriptSource, access: Access, io: Io): Promise<Writing> {
  try {
    return source === 'recognise' ? await recogniser(access, io) : await service(access, io);
  } catch (error) {
    if (error instanceof RecordingError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

async function recogniser(access: Access, io: Io): Promise<Writing> {
  const missing = await whatIsMissing(io.env);
  if (missing !== undefined) throw new CliError(EXIT.failed, 'nothing here can write words down', missing);
  const command = recogniserCommand(io.env);
  const attribute = languageAttributeOf(io.env);
  const patterns = parsePatterns(io.env[LIVE_VARIABLES.mask] ?? '');
  const days = bounded(io.env, LIVE_VARIABLES.transcriptDays, LIVE_LIMITS.transcriptDays);
  return {
    title: 'the recogniser',
    open: async (call, transcripts) => {
      const { clock } = io;
      const ports = { calls: access.calls, clock, telemetry: noting(io, call) };
      const language = await namedLanguage(attribute, parseRecordingId(call.recordingId), ports);
      return new RecogniseSink(startTalker(command), {
        transcripts,
        clock,
        telemetry: silentTelemetry,
        language,
        hungMs: HUNG_MS,
        endMs: END_MS,
        patterns,
        keepDays: days === Infinity ? undefined : Math.round(days),
      });
    },
  };
}

async function service(access: Access, io: Io): Promise<Writing> {
  const settings = serviceSettings(io.env);
  const transcribe = await access.transcribe();
  return {
    title: 'Amazon Transcribe',
    open: (call, transcripts) =>
      newTranscribeSink(settings, parseRecordingId(call.recordingId), {
        transcribe,
        transcripts,
        calls: access.calls,
        clock: io.clock,
        telemetry: noting(io, call),
        endMs: END_MS,
      }),
  };
}

/** What goes wrong, in words of the command's. */
function noting(io: Io, { recordingId }: CallRecord): Pick<Telemetry, 'warn' | 'error' | 'publish'> {
  const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    // The service's word for what is wrong.
    const codes = Object.values(fields).map(String).join(', ');
    note(io, `${recordingId}: ${message}${codes === '' ? '' : ` (${codes})`}`);
  };
  return {
    warn: tell,
    error: (message, _, fields) => {
      tell(message, fields);
    },
    publish: () => undefined,
  };
}

/** Gives it all, as fast as it is taken. @throws CliError when it breaks off, or hangs */
export async function hear(
  writing: Writing,
  io: Io,
  call: CallRecord,
  audio: AudioSource,
  to: { readonly transcripts: Transcripts; readonly originMs: number },
): Promise<void> {
  const { sampleRate, frames } = audio;
  const sink = await writing.open(call, to.transcripts);
  const stop = () => {
    sink.close();
  };
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    const recording = parseRecordingId(call.recordingId);
    await sink.start({ recording, sampleRate, originMs: to.originMs, startFrame: 0 });
    for await (const { startFrame, stereo } of seconds(audio.read(0, frames), sampleRate)) {
      if (io.signal.aborted) return;
      await sink.audio(startFrame, stereo);
    }
    await sink.end('ended');
  } catch (error) {
    if (io.signal.aborted) return;
    throw new CliError(EXIT.failed, `${writing.title} failed on ${call.recordingId}`, undefined, error);
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
