/** One call's audio, as a file. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectMissing } from '../../ports/stored-objects.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import type { Access } from '../access.ts';
import type { Mono } from '../audio/channels.ts';
import { findPlayer, play } from '../audio/play.ts';
import { type AudioSource, storedAudio, tapeAudio } from '../audio/source.ts';
import { wavBytes } from '../audio/write-wav.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { type Io, note, writeBytes } from '../io.ts';
import { clock, count, lengthOf } from '../terminal.ts';
import { isFolder, writeWhole } from '../whole-file.ts';
import { oneCall } from './identify.ts';

export interface FetchArguments {
  readonly id: string;
  /** A file, a folder, or `-`. */
  readonly out?: string | undefined;
  readonly mono?: Mono | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly play: boolean;
}

export async function fetchCall(access: Access, io: Io, args: FetchArguments): Promise<ExitCode> {
  const fromMs = args.from === undefined ? 0 : offsetMs('--from', args.from);
  const toMs = args.to === undefined ? Infinity : offsetMs('--to', args.to);
  if (toMs <= fromMs) throw new CliError(EXIT.usage, '--to must be later than --from');
  const player = args.play ? await findPlayer(io.env) : undefined;
  const call = await oneCall(access, args.id);
  const span = { fromMs, toMs };

  const scratch = player && args.out === undefined ? await mkdtemp(join(tmpdir(), 'callspool-')) : undefined;
  try {
    const out = await target(args, scratch);
    await write(access, io, call, { ...args, ...span, out });
    if (scratch === undefined && out !== '-') note(io, out);
    if (player && out !== '-') await play(player, out, io.signal);
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
  return call.status === 'COMPLETE' ? EXIT.ok : EXIT.notComplete;
}

/** @returns the file, or `-` */
async function target(
  { id, out, play: playing }: FetchArguments,
  scratch: string | undefined,
): Promise<string> {
  if (scratch !== undefined) return join(scratch, `${id}.wav`);
  if (out === '-' && playing) throw new CliError(EXIT.usage, '--play needs a file: leave out --out -');
  if (out === undefined) return `${id}.wav`;
  if (/[/\\]$/.test(out)) await mkdir(out, { recursive: true });
  return (await isFolder(out)) ? join(out, `${id}.wav`) : out;
}

interface WriteOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly mono?: Mono | undefined;
  readonly out: string;
}

async function write(access: Access, io: Io, call: CallRecord, options: WriteOptions): Promise<void> {
  const stored = storedAudio(access, call);
  if (stored !== undefined) {
    try {
      await writeSource(io, stored, options);
      if (call.status !== 'COMPLETE') note(io, `${call.status}: ${call.why ?? 'the record doesn’t say why'}`);
      return;
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
      note(io, `${error.message}: assembling it from the tape`);
    }
  }
  const tape = await tapeAudio(access, call);
  try {
    if (tape.frames === 0) {
      throw new CliError(
        EXIT.notFound,
        `there is no audio of call ${call.contactId}${stored === undefined ? ` (${call.status})` : ''}`,
        call.why ?? 'nothing of it is on the tape yet',
      );
    }
    await writeSource(io, tape, options);
    const { gaps, losses } = tape.facts;
    note(
      io,
      `${call.status}: what was durable just now, ${clock((tape.frames * 1_000) / tape.sampleRate)} ` +
        `with ${count(gaps.length, 'gap')} and ${count(losses.length, 'loss', 'losses')}`,
    );
  } finally {
    await tape.close();
  }
}

async function writeSource(io: Io, source: AudioSource, options: WriteOptions): Promise<void> {
  const { fromMs, toMs, mono, out } = options;
  const frameAt = (ms: number) => Math.min(source.frames, Math.round((ms * source.sampleRate) / 1_000));
  const part = { fromFrame: frameAt(fromMs), toFrame: frameAt(toMs), ...(mono && { mono }) };
  if (part.fromFrame >= part.toFrame) {
    const length = lengthOf((source.frames * 1_000) / source.sampleRate);
    throw new CliError(EXIT.notFound, `nothing is there: the call is ${length} long`);
  }
  const bytes = wavBytes(source, part);
  if (out === '-') for await (const chunk of bytes) await writeBytes(io.stdout, chunk);
  else await writeWhole(out, bytes, io.signal);
}

/** `90`, `1:30`, `1:02:03.5` in ms. @throws CliError */
export function offsetMs(option: string, text: string): number {
  const [, hours = '0', minutes = '0', seconds] = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (seconds !== undefined) return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  throw new CliError(EXIT.usage, `${option} ${text} is no place in a call: 90, 1:30 and 1:02:03.5 are`);
}
