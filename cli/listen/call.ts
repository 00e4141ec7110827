/** A call, heard from its tape, or from its recording once that is there; or from its stream, where that is wanted. */
import { type HeardOutput, Seconds } from '../../library/audio/seconds.ts';
import { follow, type FollowEnd } from '../../live/follow.ts';
import { LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { type CallRecord, type Gap, TRACKS } from '../../recording/call-record.ts';
import { parseRecordingId, type Recording } from '../../recording/identity.ts';
import type { Access } from '../access/access.ts';
import type { Deployment } from '../access/deployment.ts';
import { type AudioSource, storedAudio, tapeAudio } from '../audio/source.ts';
import { offsetMs } from '../calls/fetch.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import { lengthOf } from '../terminal/terminal.ts';
import { fromPlace, type Heard, type Outlet } from './outlet.ts';
import { whileRecorded } from './recorder-watch.ts';

const NOW = 'now';
const POLL_MS = 1_000;

export interface HearOptions {
  /** A place in the call, or now. */
  readonly from: string | undefined;
  /** Whether its stream could be heard as well. */
  readonly hasStream: boolean;
}

export async function hearCall(
  access: Access,
  io: Io,
  call: CallRecord,
  outlet: Outlet,
  options: HearOptions,
): Promise<ExitCode> {
  const { from } = options;
  if (call.status === 'RECORDING') return hearTape(access, io, call, outlet, options);
  if (from === NOW)
    throw new CliError(EXIT.usage, 'the call is over: --from wants a place in it, such as 1:30');
  return hearFinished(access, io, call, outlet, from === undefined ? 0 : offsetMs('--from', from));
}

/** @param from a place in the call, or now */
export async function hearCallsStream(
  io: Io,
  call: CallRecord,
  outlet: Outlet,
  from: string | undefined,
  deployment: Deployment,
): Promise<ExitCode> {
  const { hear } = await import('./stream.ts');
  const { contactId, streamArn, startFragmentNumber, startedAt, status } = call;
  const isNow = from === undefined || from === NOW;
  if (isNow && status !== 'RECORDING')
    throw new CliError(
      EXIT.usage,
      'the call is over: nothing more of it comes onto its stream',
      'leave out --stream: its recording is heard; or name a place in it (--from 0), for as long as the stream keeps it',
    );
  if (isNow) return hear(io, { streamArn, contactId, from: NOW }, outlet, deployment);
  const begin = { startFragmentNumber, startedAt: new Date(startedAt) };
  return hear(
    io,
    { streamArn, contactId, ...begin },
    fromPlace(outlet, offsetMs('--from', from)),
    deployment,
  );
}

/** What is on the tape, and what comes onto it, until the call is over. */
async function hearTape(
  access: Access,
  io: Io,
  call: CallRecord,
  given: Outlet,
  { from, hasStream }: HearOptions,
): Promise<ExitCode> {
  const sooner = hasStream ? '; --stream hears the stream itself' : '';
  note(io, `(from its tape, which grows every few seconds${sooner})`);
  const recording = parseRecordingId(call.recordingId);
  const tape = access.tapeOf(call);
  const isNow = from === undefined || from === NOW;
  const outlet = isNow ? given : fromPlace(given, offsetMs('--from', from));
  const after = isNow ? await beforeLastObject(tape, recording) : undefined;
  const heard = { ...recording, goesOn: true };
  const end = await whileRecorded(access, io, call, async (signal) => {
    const ports = { tape, checkpoints: access.checkpoints, clock: io.clock, telemetry: silentTelemetry };
    return play(follow(ports, recording, { after, signal, pollMs: POLL_MS }), outlet, heard);
  });
  if (end === 'erased') throw new CliError(EXIT.notFound, 'the recording has been erased');
  if (end === 'ended') note(io, 'the call is over');
  return EXIT.ok;
}

async function play(fragments: ReturnType<typeof follow>, outlet: Outlet, heard: Heard): Promise<FollowEnd> {
  const timeline = new LiveTimeline();
  const pieces = new Seconds(2, outlet.pieceMs);
  const give = async (outputs: Iterable<LiveOutput>) => {
    for (const output of outputs) {
      const { format } = timeline;
      if (format) await tell(pieces.take(output, format), outlet, heard);
    }
  };
  try {
    for (;;) {
      const next = await fragments.next();
      if (next.done !== true) {
        await give(timeline.add(next.value));
        continue;
      }
      if (next.value === 'ended') {
        await give(timeline.finish());
        await tell(pieces.finish(timeline.format), outlet, heard);
      }
      return next.value;
    }
  } finally {
    await fragments.return('stopped');
  }
}

async function tell(outputs: Iterable<HeardOutput>, outlet: Outlet, heard: Heard): Promise<void> {
  for (const output of outputs) {
    if (output.kind === 'second') await outlet.second(output.second, heard);
    else if (output.kind === 'late') await outlet.late?.(output.late);
    else await outlet.gap?.(output.gap);
  }
}

/** What was stored last is what was said last. @returns the number before it; undefined: all is wanted */
async function beforeLastObject(tape: Tape, recording: Recording): Promise<bigint | undefined> {
  let last: bigint | undefined;
  for await (const { first } of tape.list(recording)) last = first - 1n;
  return last;
}

/** @param fromMs a place in the call */
async function hearFinished(
  access: Access,
  io: Io,
  call: CallRecord,
  outlet: Outlet,
  fromMs: number,
): Promise<ExitCode> {
  const stored = storedAudio(access, call);
  const tape = stored === undefined ? await tapeAudio(access, call) : undefined;
  const source = stored ?? tape;
  try {
    if (source === undefined || source.frames === 0)
      throw new CliError(
        EXIT.notFound,
        `there is no audio of call ${call.contactId} (${call.status})`,
        call.why,
      );
    const gaps = tape?.facts.gaps ?? call.media?.gaps ?? [];
    await playSource(io, call, source, gaps, outlet, fromMs);
  } finally {
    await source?.close();
  }
  if (call.status !== 'COMPLETE') note(io, `${call.status}: ${call.why ?? 'the record doesn’t say why'}`);
  return call.status === 'COMPLETE' ? EXIT.ok : EXIT.notComplete;
}

async function playSource(
  io: Io,
  call: CallRecord,
  source: AudioSource,
  gaps: readonly Gap[],
  outlet: Outlet,
  fromMs: number,
): Promise<void> {
  const { sampleRate, frames } = source;
  const first = Math.round((fromMs * sampleRate) / 1_000);
  if (first >= frames)
    throw new CliError(
      EXIT.notFound,
      `nothing is there: the call is ${lengthOf((frames * 1_000) / sampleRate)} long`,
    );
  const pieces = new Seconds(2, outlet.pieceMs, first);
  const format = { sampleRate, originMs: Date.parse(call.startedAt) };
  const heard = { ...parseRecordingId(call.recordingId), goesOn: false };
  for (const gap of gaps) await tell(pieces.take(silent(gap, sampleRate), format), outlet, heard);
  const isStopped = () => io.signal.aborted;
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of source.read(first, frames)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % BYTES_PER_FRAME);
    rest = bytes.subarray(whole);
    const output = { kind: 'audio', startFrame: first, stereo: bytes.subarray(0, whole) } as const;
    for (const piece of pieces.take(output, format)) {
      if (isStopped()) return;
      await tell([piece], outlet, heard);
    }
  }
  await tell(pieces.finish(format), outlet, heard);
}

function silent({ track, startMs, lengthMs }: Gap, sampleRate: number): LiveOutput {
  const frameAt = (ms: number) => Math.round((ms * sampleRate) / 1_000);
  const channel = track === TRACKS[0] ? 0 : 1;
  const span = { channel, startFrame: frameAt(startMs), frames: frameAt(lengthMs) } as const;
  return { kind: 'gap', span, why: 'SILENT' };
}
