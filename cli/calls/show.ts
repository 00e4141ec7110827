/** `calls show`: everything that is known of a call. */
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { Transcript } from '../../recording/transcript/document.ts';
import { transcriptText } from '../../recording/transcript/texts.ts';
import type { Access } from '../access/access.ts';
import { callsOf } from '../selection/identify.ts';
import { EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, paintOf, print, printJson } from '../terminal/io.ts';
import { type Paint, printable } from '../terminal/terminal.ts';
import { type TimeZoneArguments, timeZoneOf } from '../terminal/time-zone.ts';
import { wordsOf } from '../words/words.ts';
import { adviceOn } from './advice.ts';
import { describe } from './describe.ts';

export interface ShowArguments extends TimeZoneArguments {
  readonly id: string;
  readonly gaps: boolean;
  readonly words?: boolean;
  readonly json: boolean;
}

export async function showCall(access: Access, io: Io, args: ShowArguments): Promise<ExitCode> {
  const calls = await callsOf(access, args.id);
  const found = await Promise.all(
    calls.map(async (call) => ({ call, checkpoint: await access.checkpoints.read(call.recordingId) })),
  );
  if (args.json) {
    const shown = found.map(async ({ call, checkpoint }) => ({
      ...call,
      checkpoint: checkpoint && plain(checkpoint),
      ...(args.words === true && { spoken: await wordsOf(access, call) }),
    }));
    printJson(io, await Promise.all(shown));
    return EXIT.ok;
  }
  const paint = paintOf(io);
  const zone = timeZoneOf(args, io.env);
  for (const [index, { call, checkpoint }] of found.entries()) {
    const heading = found.length > 1 ? [paint('bold', `Recording ${index + 1} of ${found.length}`), ''] : [];
    const state = await access.states.stateOf(checkpoint?.owner ?? call.executionArn);
    const standing = { call, checkpoint, state };
    const advice = adviceOn(access, standing);
    const id = found.length === 1 ? args.id : call.recordingId;
    const lines = describe(standing, { allGaps: args.gaps, zone, paint, advice, id });
    const words = args.words === true ? wordLines(await wordsOf(access, call), paint) : [];
    print(io, [...(index > 0 ? [''] : []), ...heading, ...lines, ...words].join('\n'));
  }
  return EXIT.ok;
}

function wordLines(transcript: Transcript | undefined, paint: Paint): string[] {
  const lines =
    transcript === undefined
      ? ['nothing was written down']
      : transcriptText(transcript).trimEnd().split('\n');
  return ['', paint('bold', 'Words'), ...lines.map((line) => `  ${printable(line)}`)];
}

/** JSON knows no bigint. */
function plain({ position, ...checkpoint }: Checkpoint) {
  return {
    ...checkpoint,
    ...(position && {
      position: { ...position, lastFragmentNumber: position.lastFragmentNumber.toString() },
    }),
  };
}
