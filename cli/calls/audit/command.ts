/** Judges finished recordings by the rules of now; says what it finds, and mends it where it is told to. */
import { eachOf } from '../../../ports/runtime/each.ts';
import type { DamagedItem } from '../../../ports/table/item.ts';
import { type CallRecord, isFinal } from '../../../recording/call-record.ts';
import { parseRecordingId } from '../../../recording/identity.ts';
import { situationOf } from '../../../resuming/decide.ts';
import { NotResumed } from '../../../resuming/errors.ts';
import { resumeRecording } from '../../../resuming/resume.ts';
import type { Access } from '../../access/access.ts';
import { type FilterArguments, selectCalls } from '../../selection/select.ts';
import { confirm } from '../../terminal/confirm.ts';
import { CliError, EXIT, type ExitCode } from '../../terminal/exit.ts';
import { type Io, note, print } from '../../terminal/io.ts';
import { clock, count, printable } from '../../terminal/terminal.ts';
import { type TimeZone, timeZoneOf } from '../../terminal/time-zone.ts';
import { type Finding, judgeCall } from './judge.ts';

export interface AuditArguments extends FilterArguments {
  readonly mend: boolean;
  readonly yes: boolean;
}

/** Each reads a tape ahead, some 50 MB of it. */
const AT_A_TIME = 2;
/** Noted in the record. */
const WHY = 'an audit: it would come out otherwise by the rules of now';

type AuditOutcome = Finding['kind'] | 'failed';

export async function auditCalls(access: Access, io: Io, args: AuditArguments): Promise<ExitCode> {
  const tally = new Map<AuditOutcome, number>();
  const zone = timeZoneOf(args, io.env);
  /** Ids alone: a hundred thousand of them take little room. */
  const mendable: string[] = [];
  const add = (outcome: AuditOutcome) => tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  const damaged = ({ message }: DamagedItem) => {
    note(io, `can’t be judged: ${message}`);
    add('failed');
  };
  const calls = finished(selectCalls(access, io, args, damaged), io.signal);
  await eachOf(calls, AT_A_TIME, async ({ recordingId }) => {
    const outcome = await auditOne(access, io, zone, recordingId);
    if (outcome === undefined) return;
    add(outcome);
    if (outcome === 'otherwise') mendable.push(recordingId);
  });
  print(io, summary(tally));
  if (io.signal.aborted) return EXIT.notComplete;
  const isAmiss = mendable.length > 0 || (tally.get('failed') ?? 0) > 0;
  if (!args.mend || mendable.length === 0) return isAmiss ? EXIT.notComplete : EXIT.ok;
  return mend(access, io, mendable, args.yes);
}

async function* finished<Call extends Pick<CallRecord, 'status'>>(
  calls: AsyncIterable<Call>,
  signal: AbortSignal,
): AsyncGenerator<Call> {
  for await (const call of calls) {
    if (signal.aborted) return;
    if (isFinal(call.status)) yield call;
  }
}

/** @returns undefined where there is nothing to judge (any more) */
async function auditOne(
  access: Access,
  io: Io,
  zone: TimeZone,
  recordingId: string,
): Promise<AuditOutcome | undefined> {
  try {
    const call = await access.calls.get(parseRecordingId(recordingId));
    if (call === undefined || !isFinal(call.status)) return undefined;
    const finding = await judgeCall(access, io, call);
    for (const line of describe(call, zone, finding)) print(io, line);
    return finding.kind;
  } catch (error) {
    // One that can't be judged keeps none of the others from it.
    note(io, `${recordingId}: can’t be judged: ${messageOf(error)}`);
    return 'failed';
  }
}

function describe(call: CallRecord, zone: TimeZone, finding: Finding): string[] {
  const heading = `${call.recordingId}  ${zone.timeWithZone(call.startedAt)}  ${call.status}`;
  switch (finding.kind) {
    case 'same':
    case 'noTape':
      return [];
    case 'expired':
      return [heading, `  stays as it is: ${printable(finding.why)}`];
    case 'otherwise': {
      const { audio, status } = finding;
      return [
        heading,
        ...(audio
          ? [`  audio: ${clock(audio.fromMs)} would come out otherwise, ${clock(audio.toMs)} long`]
          : []),
        ...(status
          ? [`  status: would be ${status.to}${status.why === '' ? '' : `: ${printable(status.why)}`}`]
          : []),
      ];
    }
  }
}

function summary(tally: ReadonlyMap<AuditOutcome, number>): string {
  const of = (outcome: AuditOutcome) => tally.get(outcome) ?? 0;
  const all = [...tally.values()].reduce((sum, one) => sum + one, 0);
  const parts = [
    `${of('same')} as they should be`,
    `${of('otherwise')} would come out otherwise`,
    `${of('expired')} whose tape has expired in part`,
    `${of('noTape')} whose tape has expired`,
    `${of('failed')} that could not be judged`,
  ];
  return `${count(all, 'finished recording')}: ${parts.filter((part) => !part.startsWith('0 ')).join(', ') || 'none'}`;
}

/** Mends as a resumption does; the assembly keeps an earlier WAV that holds more, whatever has expired meanwhile. */
async function mend(
  access: Access,
  io: Io,
  recordingIds: readonly string[],
  yes: boolean,
): Promise<ExitCode> {
  if (!yes && !(await confirm(io, `Assemble ${count(recordingIds.length, 'recording')} again?`))) {
    note(io, 'nothing was done');
    return EXIT.notComplete;
  }
  let failures = 0;
  for (const recordingId of recordingIds) {
    if (io.signal.aborted) return EXIT.notComplete;
    try {
      const situation = await situationOf(access, parseRecordingId(recordingId), { force: true });
      const resumed = await resumeRecording(access, situation, { by: 'operator', why: WHY });
      note(io, `${recordingId}: ${resumed.kind === 'started' ? 'is assembled again' : resumed.kind}`);
    } catch (error) {
      failures += 1;
      note(io, `${recordingId}: could not be mended: ${messageOf(error)}`);
      const known = error instanceof CliError || error instanceof NotResumed;
      if (known && error.hint !== undefined) note(io, `  ${error.hint}`);
    }
  }
  return failures > 0 ? EXIT.failed : EXIT.ok;
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
