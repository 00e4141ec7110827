/** A call while it is recorded, until it is finished: polled from its checkpoint and its tape. */
import { stripVTControlCharacters } from 'node:util';
import { isFinal, TRACKS } from '../../recording/call-record.ts';
import { parseRecordingId, type Recording } from '../../recording/identity.ts';
import type { TranscriptRow } from '../../recording/transcript/segment.ts';
import { lineOf } from '../../recording/transcript/texts.ts';
import type { Access } from '../access/access.ts';
import { oneCall } from '../selection/identify.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, paintOf, print, printJson, safe, terminalWidth } from '../terminal/io.ts';
import { clock, count, type Paint, paintStatus, printable, seconds } from '../terminal/terminal.ts';
import { type Moment, Watch } from './follow-watch.ts';
import { SIDES } from './sides.ts';

export interface FollowArguments {
  readonly id: string;
  readonly interval: number;
  readonly words?: boolean;
  readonly json: boolean;
}

export interface FollowOptions {
  readonly intervalMs?: number;
  readonly json?: boolean;
  /** What is said, as it is written down. */
  readonly words?: boolean;
}

const INTERVAL_MS = 2_000;
/** How an execution stands is asked for once in so many polls. */
const POLLS_PER_LOOK = 5;
/** So often in a row an execution must have been found over; DescribeExecution is eventually consistent. */
const LOOKS_MAX = 2;

export async function followCall(access: Access, io: Io, args: FollowArguments): Promise<ExitCode> {
  const call = await oneCall(access, args.id);
  return followRecording(access, io, parseRecordingId(call.recordingId), {
    intervalMs: args.interval * 1_000,
    json: args.json,
    words: args.words === true,
  });
}

/** @returns EXIT.ok for COMPLETE, EXIT.notComplete for any other end */
export async function followRecording(
  access: Access,
  io: Io,
  recording: Recording,
  { intervalMs = INTERVAL_MS, json = false, words = false }: FollowOptions = {},
): Promise<ExitCode> {
  const watch = new Watch(access, io, recording, words);
  const display = json ? jsonDisplay(io) : io.stdout.isTTY === true ? liveDisplay(io) : lineDisplay(io);
  let deadLooks = 0;
  for (let polls = 0; !io.signal.aborted; polls += 1) {
    const moment = await watch.look();
    display.show(moment);
    if (isFinished(moment)) {
      display.stop();
      return moment.call.status === 'COMPLETE' ? EXIT.ok : EXIT.notComplete;
    }
    if (polls % POLLS_PER_LOOK === POLLS_PER_LOOK - 1) {
      deadLooks = (await access.states.stateOf(ownerOf(moment))) === 'running' ? 0 : deadLooks + 1;
      if (deadLooks >= LOOKS_MAX) {
        display.stop();
        throw new CliError(
          EXIT.notComplete,
          'the execution is over, and the recording isn’t finished',
          access.howToGoOn(moment.call.recordingId),
        );
      }
    }
    await io.clock.sleep(intervalMs, io.signal);
  }
  display.stop();
  return EXIT.notComplete;
}

function ownerOf({ call, checkpoint }: Moment): string {
  return checkpoint?.owner ?? call.executionArn;
}

/** A recording that has been resumed keeps its last result until it is assembled again. */
function isFinished(moment: Moment): boolean {
  return isFinal(moment.call.status) && ownerOf(moment) === moment.call.executionArn;
}

interface Display {
  show(moment: Moment): void;
  stop(): void;
}

function jsonDisplay(io: Io): Display {
  let last = '';
  const news = newRows();
  return {
    show: ({ call, checkpoint, gaps, lagMs, rows }) => {
      for (const row of news(rows)) printJson(io, row, 0);
      const { attempt, ended, counters } = checkpoint ?? {};
      const state = { status: call.status, why: call.why, attempt, ended, ...counters, gaps };
      const line = JSON.stringify(state);
      if (line !== last) printJson(io, { ...state, lagMs }, 0);
      last = line;
    },
    stop: () => undefined,
  };
}

/** A line whenever there is news. */
function lineDisplay(io: Io): Display {
  const paint = paintOf(io);
  let last = '';
  const gaps = gapLines(io, paint);
  return {
    show: (moment) => {
      gaps(moment);
      // The lag alone is no news.
      const line = stateLine({ ...moment, lagMs: undefined }, paint);
      if (line !== last) print(io, stateLine(moment, paint));
      last = line;
    },
    stop: () => undefined,
  };
}

const CLEAR_LINE = '\r\u001b[2K';
const CLEAR_LINE_ABOVE = '\u001b[1A\u001b[2K';

/** One line that changes in place, over as many rows as the terminal needs for it; gaps stay above it. */
function liveDisplay(io: Io): Display {
  const paint = paintOf(io);
  const gaps = gapLines(io, paint);
  let shownLength = 0;
  return {
    show: (moment) => {
      const rows = Math.max(1, Math.ceil(shownLength / (terminalWidth(io) ?? Infinity)));
      io.stdout.write(CLEAR_LINE + CLEAR_LINE_ABOVE.repeat(rows - 1));
      gaps(moment);
      const line = safe(io, stateLine(moment, paint));
      shownLength = stripVTControlCharacters(line).length;
      io.stdout.write(line);
    },
    stop: () => {
      io.stdout.write('\n');
    },
  };
}

/** Picks the rows that haven't been shown. */
function newRows(): (rows: readonly TranscriptRow[]) => TranscriptRow[] {
  const shown = new Set<string>();
  return (rows) => {
    const news = rows.filter(({ segmentId }) => !shown.has(segmentId));
    for (const { segmentId } of news) shown.add(segmentId);
    return news;
  };
}

/** Prints the gaps, and what was said, that haven't been printed. */
function gapLines(io: Io, paint: Paint): (moment: Moment) => void {
  const shown = new Set<string>();
  const news = newRows();
  return ({ gaps, rows }) => {
    for (const row of news(rows)) print(io, printable(lineOf(row)));
    for (const { track, startMs, lengthMs } of gaps) {
      const key = `${track} ${Math.round(startMs)}`;
      if (!shown.has(key))
        print(
          io,
          paint(
            'dim',
            `  gap at ${clock(startMs)}: nothing came of the ${SIDES[track]} for ${seconds(lengthMs)}`,
          ),
        );
      shown.add(key);
    }
  };
}

/** `RECORDING  3:12 on the tape, 9.2 s behind, 19 objects, attempt 1` */
function stateLine({ call, checkpoint, gaps, lagMs, skippedBytes }: Moment, paint: Paint): string {
  const { counters, attempt, ended } = checkpoint ?? {};
  const gapMs = TRACKS.map((track) => {
    const ofTrack = gaps.filter((gap) => gap.track === track);
    return `${SIDES[track]} ${seconds(ofTrack.reduce((sum, { lengthMs }) => sum + lengthMs, 0))}`;
  });
  const recording = !isFinal(call.status) && ended === undefined;
  return [
    `${paintStatus(paint, call.status)}  ${counters === undefined ? 'nothing on the tape yet' : `${clock(counters.mediaMs)} on the tape`}`,
    ...(recording && lagMs !== undefined ? [`up to ${seconds(lagMs)} ago`] : []),
    ...(counters === undefined
      ? []
      : [count(counters.segments, 'object'), `at most ${seconds(counters.maxBehindMs)} behind live`]),
    ...(attempt !== undefined && attempt > 1 ? [paint('yellow', `attempt ${attempt}`)] : []),
    ...(counters !== undefined && counters.reopenings > 0 ? [count(counters.reopenings, 'reopening')] : []),
    `gaps: ${gapMs.join(', ')}${skippedBytes > 0 ? ' (lately)' : ''}`,
    ...(ended === undefined ? [] : [`ended: ${ended.reason}`]),
    ...(isFinal(call.status) && call.why !== undefined ? [printable(call.why)] : []),
  ].join(', ');
}
