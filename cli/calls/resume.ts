/** Resumption by hand: says what is missing, asks, hands over and starts. */
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { type ResumeSituation, situationOf } from '../../resuming/decide.ts';
import { NotResumed } from '../../resuming/errors.ts';
import { interruptedCalls } from '../../resuming/interrupted.ts';
import { type Outlook, outlookOf } from '../../resuming/outlook.ts';
import { type Resumed, resumeRecording } from '../../resuming/resume.ts';
import { tapeOutlookOf, tapeOutlookText } from '../../resuming/tape-outlook.ts';
import type { Access } from '../access/access.ts';
import { recordingRangeOf } from '../audio/source.ts';
import { oneCall } from '../selection/identify.ts';
import { LeftOut } from '../selection/left-out.ts';
import { rangeOf } from '../selection/range.ts';
import { confirm } from '../terminal/confirm.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, paintOf, print } from '../terminal/io.ts';
import { clock, count, type Paint, paintStatus, printable, time } from '../terminal/terminal.ts';

export interface ResumeArguments {
  readonly id?: string | undefined;
  readonly 'all-interrupted': boolean;
  readonly since?: string | undefined;
  readonly wait: boolean;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly force?: boolean;
}

const DEFAULT_SPAN = '24h';

export async function resumeCalls(access: Access, io: Io, args: ResumeArguments): Promise<ExitCode> {
  if ((args.id === undefined) !== args['all-interrupted']) {
    throw new CliError(EXIT.usage, 'give a call, or --all-interrupted');
  }
  if (args.force && args.id === undefined) {
    throw new CliError(EXIT.usage, '--force is for one call: name it');
  }
  const leftOut = new LeftOut(io);
  const situations = await chosen(access, io, args, leftOut);
  const paint = paintOf(io, 'stderr');
  for (const situation of situations)
    for (const line of await describe(access, io, situation, paint)) note(io, line);

  const open = situations.filter(({ step }) => step.kind === 'start' || step.kind === 'handOver');
  const code = await resumeOpen(access, io, open, args);
  if (leftOut.count > 0) return EXIT.failed;
  return open.length === 0 ? closedCode(situations) : code;
}

async function resumeOpen(
  access: Access,
  io: Io,
  open: readonly ResumeSituation[],
  args: ResumeArguments,
): Promise<ExitCode> {
  if (args['dry-run'] || open.length === 0) return EXIT.ok;
  if (!args.yes && !(await confirm(io, `Resume ${count(open.length, 'recording')}?`))) {
    note(io, 'nothing was done');
    return EXIT.ok;
  }
  const codes: ExitCode[] = [];
  for (const situation of open) codes.push(await resumeOne(access, io, situation, args.wait));
  return codes.find((code) => code === EXIT.failed) ?? codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

async function chosen(
  access: Access,
  io: Io,
  { id, since, force = false }: ResumeArguments,
  leftOut: LeftOut,
): Promise<ResumeSituation[]> {
  if (id !== undefined) {
    const call = await oneCall(access, id);
    return [await situationOf(access, parseRecordingId(call.recordingId), { force })];
  }
  const range = rangeOf({ since }, io.clock.now(), DEFAULT_SPAN);
  const situations = range === undefined ? [] : await interruptedCalls(access, range, leftOut.tell);
  if (situations.length === 0 && leftOut.count === 0)
    note(io, `no recording of the last ${since ?? DEFAULT_SPAN} was interrupted`);
  return situations;
}

/** Nothing can be resumed: because nothing has to be, or because something still runs. */
function closedCode(situations: readonly ResumeSituation[]): ExitCode {
  return situations.some(({ step }) => step.kind === 'running') ? EXIT.notComplete : EXIT.ok;
}

async function resumeOne(
  access: Access,
  io: Io,
  situation: ResumeSituation,
  wait: boolean,
): Promise<ExitCode> {
  const { recordingId } = situation.call;
  try {
    const why = `${situation.call.status}: resumed by hand`;
    const resumed = await resumeRecording(access, situation, { by: 'operator', why });
    note(io, `${recordingId}: ${outcome(resumed)}`);
    if (resumed.kind === 'started') print(io, resumed.executionArn);
    if (!wait) return EXIT.ok;
    const { followRecording } = await import('./follow.ts');
    return await followRecording(access, io, parseRecordingId(recordingId));
  } catch (error) {
    note(
      io,
      `${recordingId}: could not be resumed: ${error instanceof Error ? error.message : String(error)}`,
    );
    const known = error instanceof CliError || error instanceof NotResumed;
    if (known && error.hint !== undefined) note(io, `  ${error.hint}`);
    return EXIT.failed;
  }
}

function outcome(resumed: Resumed): string {
  switch (resumed.kind) {
    case 'started':
      return 'resumed; calls follow shows how it goes on';
    case 'over':
      return 'somebody else has resumed it, and that is over; calls show tells what came of it';
    case 'running':
      return 'somebody else has resumed it just now';
    case 'complete':
      return 'it is COMPLETE by now';
  }
}

async function describe(access: Access, io: Io, situation: ResumeSituation, paint: Paint): Promise<string[]> {
  const { call, checkpoint, step } = situation;
  const heading = `${paint('bold', call.recordingId)}  ${time(call.startedAt)} UTC  ${paintStatus(paint, call.status)}`;
  if (step.kind === 'complete')
    return [
      heading,
      '  every fragment known of is in the WAV: there is nothing to resume (--force does it all the same)',
    ];
  if (step.kind === 'running') {
    const doing = isFinal(call.status) ? 'It has been resumed already' : 'It is being recorded or assembled';
    return [heading, `  ${doing}: ${step.executionArn} still runs. Nothing to do but to wait (calls follow)`];
  }
  const { counters, position, ended } = checkpoint ?? {};
  const at = position?.lastServerTimestamp;
  const tape = tapeOutlookText(await tapeOutlookOf(access.tapeOf(call), call, checkpoint), call);
  const reach = at === undefined ? '' : `, up to ${time(new Date(at).toISOString())} UTC`;
  return [
    heading,
    ...missing(call).map((line) => `  missing: ${printable(line)}`),
    `  recorder: ${ended === undefined ? 'was cut off without a word' : `${ended.reason}${ended.why === undefined ? '' : `: ${ended.why}`}`}`,
    `  on the tape: ${counters === undefined ? 'nothing is known of' : `${clock(counters.mediaMs)} in ${count(counters.fragments, 'fragment')}`}${reach}`,
    ...(tape === undefined ? [] : [`  by now: ${tape}`]),
    `  in the stream: ${outlookText(await outlook(access, io, call))}`,
    `  to do: ${step.kind === 'start' ? 'start' : 'hand over to, and start,'} execution ${step.name}`,
  ];
}

function missing({ losses = [], why, status }: CallRecord): string[] {
  if (status === 'COMPLETE') return ['nothing that is known of'];
  if (losses.length > 0) return losses.map((loss) => `${loss.kind}: ${loss.why}`);
  return [
    why ?? (isFinal(status) ? 'nothing that the record tells of' : 'the end: it never came to be assembled'),
  ];
}

async function outlook(access: Access, io: Io, call: CallRecord): Promise<Outlook> {
  return outlookOf({
    call,
    range: await recordingRangeOf(access, parseRecordingId(call.recordingId)),
    archive: access.archiveOf(call),
    tape: access.tapeOf(call),
    nowMs: io.clock.now(),
  });
}

function outlookText(outlook: Outlook): string {
  if (!outlook.asked)
    return `it can’t be asked (${outlook.why}); what it still holds will be read all the same`;
  const { listed, missingWithin, missingBehind } = outlook;
  const missingCount = missingWithin + missingBehind;
  if (listed === 0) return 'nothing of that time any more: resuming can only assemble the tape again';
  if (missingCount === 0)
    return `${count(listed, 'fragment')}, all of them on the tape: resuming assembles it again`;
  const behind =
    missingBehind === 0
      ? ''
      : `, ${missingBehind} of them behind the tape’s end (the last may be another call’s)`;
  return `${count(missingCount, 'fragment')} that the tape lacks${behind}: they will be read`;
}
