/** Finds what was said, in the calls of a time. */
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { shiftMsOf } from '../../recording/transcript/document.ts';
import { tokensOf } from '../../recording/transcript/masking/tokens.ts';
import type { Segment } from '../../recording/transcript/segment.ts';
import { SPEAKER_TITLES } from '../../recording/transcript/texts.ts';
import type { Access } from '../access/access.ts';
import { LeftOut } from '../selection/left-out.ts';
import { type FilterArguments, selectCalls } from '../selection/select.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, paintOf, print, printJson } from '../terminal/io.ts';
import { clock, count, printable } from '../terminal/terminal.ts';
import { timeZoneOf } from '../terminal/time-zone.ts';
import { wordsOf } from '../words/words.ts';

export interface SearchArguments extends FilterArguments {
  /** Said one after the other, by one of the two, without a pause. */
  readonly words: readonly string[];
  readonly json: boolean;
}

/** @returns EXIT.notFound where nobody said it, EXIT.failed where a call could not be read */
export async function searchCalls(access: Access, io: Io, args: SearchArguments): Promise<ExitCode> {
  const wanted = args.words
    .flatMap((text) => text.split(/\s+/))
    .map(plain)
    .filter((word) => word !== '');
  if (wanted.length === 0) throw new CliError(EXIT.usage, 'say which words to look for');
  const zone = timeZoneOf(args, io.env);
  const paint = paintOf(io);
  let [calls, withWords, found] = [0, 0, 0];
  const leftOut = new LeftOut(io);
  for await (const { recordingId } of selectCalls(access, io, args, leftOut.tell)) {
    if (io.signal.aborted) return EXIT.notComplete;
    const read = await leftOut.unlessOwn(recordingId, () => readCall(access, recordingId));
    calls += 1;
    if (!read) continue;
    const { call, transcript } = read;
    withWords += 1;
    const shiftMs = shiftMsOf(transcript);
    for (const { segment, atMs } of transcript.segments.flatMap((one) => hitsIn(one, wanted))) {
      found += 1;
      if (args.json) printJson(io, hitOf(call, segment, atMs + shiftMs), 0);
      else
        print(
          io,
          `${zone.timeWithZone(call.startedAt)}  ${paint('bold', recordingId)}  ${clock(atMs + shiftMs)}  ` +
            `${SPEAKER_TITLES[segment.channel]}: ${printable(segment.text)}`,
        );
    }
  }
  note(io, `${count(found, 'place')} in ${count(withWords, 'transcript')} of ${count(calls, 'call')}`);
  if (leftOut.count > 0) return EXIT.failed;
  return found > 0 ? EXIT.ok : EXIT.notFound;
}

/** @returns undefined where nothing was written down */
async function readCall(access: Access, recordingId: string) {
  const call = await access.calls.get(parseRecordingId(recordingId));
  const transcript = call && (await wordsOf(access, call));
  return call && transcript && { call, transcript };
}

function hitOf({ recordingId, contactId, startedAt, status }: CallRecord, segment: Segment, atMs: number) {
  const { channel, text, source } = segment;
  return { recordingId, contactId, startedAt, isFinished: isFinal(status), channel, text, atMs, source };
}

interface Hit {
  readonly segment: Segment;
  /** As the transcript counts. */
  readonly atMs: number;
}

/** Once a segment, where the first of the words is said. */
function hitsIn(segment: Segment, wanted: readonly string[]): Hit[] {
  const said = tokensOf(segment).map(({ text }) => plain(text));
  const at = said.findIndex((_, index) => wanted.every((word, offset) => said[index + offset] === word));
  return at < 0 ? [] : [{ segment, atMs: segment.words[at]?.startMs ?? segment.startMs }];
}

/** A word as it is compared: without marks, and neither large nor small. */
function plain(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
