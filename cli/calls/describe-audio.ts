/** What a call's record says of its audio: the files, what was verified, and what came of the media. */
import { extname } from 'node:path';
import { titleOf } from '../../recording/audio/files/formats.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { type CallRecord, type FurtherFile, type MediaFacts, TRACKS } from '../../recording/call-record.ts';
import { isStored } from '../../recording/further-files.ts';
import { isWritten, type TranscriptFacts } from '../../recording/transcript-facts.ts';
import { verifiedText } from '../audio/verified.ts';
import { count, lengthOf, seconds, size } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';
import type { Row } from './section.ts';
import { SIDES } from './sides.ts';

/** @param id `calls fetch` calls the files after it */
export function audioRows(call: CallRecord, zone: TimeZone, id: string): Row[] {
  const { audio, files = [], transcript, durationMs, verification, kept } = call;
  return [
    ['length', durationMs === undefined ? undefined : lengthOf(durationMs)],
    ['file', audio && `s3://${audio.bucket}/${audio.key}`],
    [
      'size',
      audio && `${size(audio.bytes)}, ${audio.sampleRate / 1000} kHz stereo: left customer, right agent`,
    ],
    ['sha256', audio && `${audio.sha256} (of the samples)`],
    ['to check it', audio && `tail -c ${audio.frames * BYTES_PER_FRAME} ${id}.wav | sha256sum`],
    ...files.flatMap((file) => fileRows(file, call, id)),
    ['verified', verification && verifiedText(verification)],
    ['words', transcript && transcriptSummary(transcript)],
    ['kept', kept && `${zone.timeWithZone(kept.at)}: ${kept.why}`],
  ];
}

function transcriptSummary(facts: TranscriptFacts): string {
  if (!isWritten(facts)) return `none: ${facts.why}`;
  const { words, sources, untranscribed, untranscribedMs } = facts;
  const missing = untranscribed === 0 ? '' : `, and nothing of ${seconds(untranscribedMs)}`;
  return `${count(words, 'word')} by ${sources.join(' and ')}${missing} (--words shows them)`;
}

/** A file beside the WAV. */
function fileRows(file: FurtherFile, { audio }: CallRecord, id: string): Row[] {
  const title = titleOf(file.format);
  if (!isStored(file)) return [[`no ${title}`, file.why]];
  const name = `${id}${extname(file.key)}`;
  return [
    [`as ${title}`, audio && `s3://${audio.bucket}/${file.key}`],
    ['size', `${size(file.bytes)}, the same samples`],
    ['to check it', `tail -c +${file.headerBytes + 1} ${name} | sha256sum: ${file.dataSha256}`],
  ];
}

export function mediaRows({ media }: CallRecord): Row[] {
  if (media === undefined) return [];
  const silent = TRACKS.filter((track) => media.gapMs[track] > 0).map(
    (track) => `${SIDES[track]} ${seconds(media.gapMs[track])}`,
  );
  return [
    ['fragments', String(media.fragments)],
    [
      'gaps',
      media.gapCount === 0
        ? 'none: audio came all the time'
        : `${media.gapCount}, in which no audio came: ${silent.join(', ')}`,
    ],
    ['clock jumps', media.reanchored === 0 ? undefined : String(media.reanchored)],
    ['ahead of its times', aheadText(media)],
    ['wrong times', counted(media.strayBlocks, 'block')],
    ['late', counted(media.lateBlocks, 'block')],
    ['furthest behind', seconds(media.maxBehindMs)],
    ['reopened', count(media.reopenings, 'time')],
    ['resumed', count(media.resumes, 'time')],
  ];
}

/** Says which side's audio ran ahead of its own times, and how far at most; undefined where neither did. */
function aheadText({ aheadMs }: MediaFacts): string | undefined {
  const sides = TRACKS.filter((track) => (aheadMs?.[track] ?? 0) > 0);
  if (sides.length === 0) return undefined;
  return sides.map((track) => `${SIDES[track]} ${seconds(aheadMs?.[track] ?? 0)}`).join(', ');
}

function counted(number = 0, what: string): string | undefined {
  return number === 0 ? undefined : count(number, what);
}
