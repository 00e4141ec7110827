/** Gathers what a report is made of, and writes it. */
import { basename, dirname, join } from 'node:path';
import { callOf } from '../../ports/calls/call-item.ts';
import { ObjectMissing } from '../../ports/objects/stored-objects.ts';
import { DamagedItem } from '../../ports/table/item.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import { recordKey } from '../../recording/audio/files/keys.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import type { CallRecord, Gap } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import type { Access } from '../access/access.ts';
import { type AudioSource, storedAudio, tapeAudio } from '../audio/source.ts';
import { fileBytes } from '../audio/write-file.ts';
import { refuseToReplace } from '../files/replacing.ts';
import { writeWhole } from '../files/whole-file.ts';
import type { TimeZone } from '../terminal/time-zone.ts';
import { wordsOf } from '../words/words.ts';
import { type PageAudio, renderReport } from './page.ts';
import { peaksOf } from './peaks.ts';
import { type TapeFacts, tapeFactsOf } from './tape-facts.ts';

/** The page is a third larger than the audio in it: 16 MiB are 8 min 44 s. */
const EMBED_BYTES_MAX = 16 * 1024 * 1024;

export interface ReportOptions {
  /** The page. */
  readonly file: string;
  /** false: what is there already is refused; default: true. */
  readonly replace?: boolean;
  /** The times on the page are this zone's, or UTC's. */
  readonly zone?: TimeZone;
  /** A longer WAV is a file beside the page. */
  readonly embedBytesMax?: number;
  /** A WAV that is there already, beside the page; without it, a longer one is written there. */
  readonly wavFile?: string;
  /** Makes a link to the recording in S3, which the page uses in place of a copy. */
  readonly link?: (
    audio: NonNullable<CallRecord['audio']>,
  ) => Promise<{ readonly url: string; readonly expiresAt: string }>;
}

export interface WrittenReport {
  readonly file: string;
  /** The audio, where it is a file beside the page. */
  readonly wavFile?: string;
}

/** @throws what keeps the call's audio from being read; a tape that is gone is none of it */
export async function writeReport(
  access: Access,
  call: CallRecord,
  options: ReportOptions,
): Promise<WrittenReport> {
  if (options.replace === false) await refuseToReplace(options.file);
  const source: Source | undefined = storedAudio(access, call) ?? (await audioSoFar(access, call));
  try {
    const recorded = await fullRecord(access, call);
    const tape = await tapeFacts(access, recorded);
    const peaks = source && (await peaksOf(source.read(0, source.frames), source.frames, source.sampleRate));
    const audio = source && (await pageAudio(recorded, source, options));
    const words = await wordsOf(access, recorded);
    const gaps: readonly Gap[] = source?.gaps ?? recorded.media?.gaps ?? [];
    const page = renderReport({
      record: recorded,
      gaps,
      ...(peaks && { peaks }),
      ...(tape && { tape }),
      ...(audio && { audio }),
      ...(words && { words }),
      ...(options.zone && { zone: options.zone }),
    });
    await writeWhole(options.file, [page]);
    return {
      file: options.file,
      ...(audio?.kind === 'file' && { wavFile: join(dirname(options.file), audio.name) }),
    };
  } finally {
    await source?.close();
  }
}

type Source = AudioSource & { readonly gaps?: readonly Gap[] };

/** What is on the tape of a call that is under way, or never had a WAV; undefined where that is nothing. */
async function audioSoFar(access: Access, call: CallRecord): Promise<Source | undefined> {
  const audio = await tapeAudio(access, call);
  if (audio.frames > 0) return { ...audio, gaps: audio.facts.gaps };
  await audio.close();
  return undefined;
}

/** The record beside the WAV has every gap; that of the table the first ones. */
async function fullRecord(access: Access, call: CallRecord): Promise<CallRecord> {
  const { media } = call;
  if (!media || media.gapCount <= media.gaps.length) return call;
  try {
    const key = recordKey(parseRecordingId(call.recordingId), new Date(call.startedAt));
    const chunks: Uint8Array[] = [];
    for await (const chunk of access.objectsOf(call).read(key)) chunks.push(chunk);
    const { media: full = media, losses } = callOf(JSON.parse(Buffer.concat(chunks).toString()));
    return { ...call, media: full, ...(losses && { losses }) };
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof DamagedItem || error instanceof SyntaxError)
      return call;
    throw error;
  }
}

/** The tape expires long before the recording does. */
async function tapeFacts(access: Access, call: CallRecord): Promise<TapeFacts | undefined> {
  const recording = parseRecordingId(call.recordingId);
  const facts = await tapeFactsOf(readTape(access.tapeOf(call), recording), recording, call.losses ?? []);
  return facts.objects.length > 0 ? facts : undefined;
}

async function pageAudio(call: CallRecord, source: AudioSource, options: ReportOptions): Promise<PageAudio> {
  const { link, wavFile, file, embedBytesMax = EMBED_BYTES_MAX } = options;
  if (link && call.audio) return { kind: 'link', ...(await link(call.audio)) };
  const wav = () => fileBytes(source, { fromFrame: 0, toFrame: source.frames }, WAV);
  if (source.frames * BYTES_PER_FRAME <= embedBytesMax) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of wav()) chunks.push(chunk);
    return { kind: 'embedded', wav: Buffer.concat(chunks) };
  }
  if (wavFile !== undefined) return { kind: 'file', name: basename(wavFile) };
  const beside = `${file.replace(/\.html?$/i, '')}.wav`;
  if (options.replace === false) await refuseToReplace(beside);
  await writeWhole(beside, wav());
  return { kind: 'file', name: basename(beside) };
}
