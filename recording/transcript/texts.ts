/** A transcript for people and players: WebVTT (W3C, “WebVTT: The Web Video Text Tracks Format”), and plain text. */
import { shiftMsOf, type Transcript } from './document.ts';
import {
  inOrder,
  isUntranscribed,
  type Speaker,
  type TranscriptRow,
  type UntranscribedWhy,
} from './segment.ts';

export const SPEAKER_TITLES: Readonly<Record<Speaker, string>> = { CUSTOMER: 'Customer', AGENT: 'Agent' };

const WHY_TEXTS: Readonly<Record<UntranscribedWhy, string>> = {
  BEHIND: 'the recogniser was behind, and was to write down what is said now',
  END: 'the call was over before it could be',
  LOST: 'it was lost with what was writing it down',
  REFUSED: 'it was refused',
};

export function whyNotText(why: UntranscribedWhy): string {
  return WHY_TEXTS[why];
}

/** Times are the WAV’s. */
export function transcriptVtt(transcript: Transcript): string {
  const shiftMs = shiftMsOf(transcript);
  const cues = rowsOf(transcript).map((row) => {
    const from = Math.max(0, row.startMs + shiftMs);
    const to = Math.max(from + 1, row.endMs + shiftMs);
    const span = `${vttTime(from)} --> ${vttTime(to)}`;
    if (isUntranscribed(row))
      return `NOTE ${SPEAKER_TITLES[row.channel]}, ${vttTime(from)} to ${vttTime(to)}: not written down, since ${whyNotText(row.untranscribed)}`;
    const text = escaped(row.text.replace(/\s+/g, ' '));
    return `${row.segmentId}\n${span}\n<v ${SPEAKER_TITLES[row.channel]}>${text}</v>`;
  });
  const { recordingId, frameShift, sources } = transcript;
  const head = `NOTE recording ${recordingId}, by ${sources.join(', ')}, frameShift ${frameShift}`;
  return `${['WEBVTT', head, ...cues].join('\n\n')}\n`;
}

/** A line each. Times are the WAV’s. */
export function transcriptText(transcript: Transcript): string {
  const shiftMs = shiftMsOf(transcript);
  const lines = rowsOf(transcript).map((row) => lineOf(row, shiftMs));
  return lines.map((line) => `${line}\n`).join('');
}

/** `[1:02.5] Customer: text` */
export function lineOf(row: TranscriptRow, shiftMs = 0): string {
  const at = `[${shortTime(row.startMs + shiftMs)}] ${SPEAKER_TITLES[row.channel]}:`;
  if (!isUntranscribed(row)) return `${at} ${row.text.replace(/\s+/g, ' ')}`;
  const to = shortTime(row.endMs + shiftMs);
  return `${at} (not written down up to ${to}: ${whyNotText(row.untranscribed)})`;
}

function rowsOf({ segments, untranscribed }: Transcript): TranscriptRow[] {
  return inOrder([...segments, ...untranscribed]);
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** `01:02:03.456`; hours have more digits where they need them. */
function vttTime(ms: number): string {
  const whole = Math.round(ms);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = `${two((whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`;
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${seconds}`;
}

/** `1:02.5`, `1:01:02.5` */
function shortTime(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const seconds = ((tenths / 10) % 60).toFixed(1).padStart(4, '0');
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
