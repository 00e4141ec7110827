/** One call's audio, as a file. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectMissing } from '../../ports/objects/stored-objects.ts';
import { FILE_FORMATS, formatOfFile } from '../../recording/audio/files/formats.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import type { Access } from '../access/access.ts';
import type { Mono } from '../audio/channels.ts';
import { findPlayer, play } from '../audio/play.ts';
import { type AudioSource, storedAudio, tapeAudio } from '../audio/source.ts';
import { storedFileBytes, storedFiles } from '../audio/stored-file.ts';
import { fileBytes } from '../audio/write-file.ts';
import { refuseToReplace } from '../files/replacing.ts';
import { isFolder, writeWhole } from '../files/whole-file.ts';
import { oneCall } from '../selection/identify.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, writeBytes } from '../terminal/io.ts';
import { clock, count, lengthOf } from '../terminal/terminal.ts';

export interface FetchArguments {
  readonly id: string;
  /** A file, a folder, or `-`. */
  readonly out?: string | undefined;
  /** A name of the format list. Without one the file's name decides, and else it is a WAV. */
  readonly format?: string | undefined;
  readonly mono?: Mono | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly play: boolean;
  /** Replace a file that is there. */
  readonly force: boolean;
}

export async function fetchCall(access: Access, io: Io, args: FetchArguments): Promise<ExitCode> {
  const fromMs = args.from === undefined ? 0 : offsetMs('--from', args.from);
  const toMs = args.to === undefined ? Infinity : offsetMs('--to', args.to);
  if (toMs <= fromMs) throw new CliError(EXIT.usage, '--to must be later than --from');
  checkOut(io, args);
  const format = formatFor(args);
  const player = args.play ? await findPlayer(io.env) : undefined;
  const call = await oneCall(access, args.id);
  const span = { fromMs, toMs };

  const scratch = player && args.out === undefined ? await mkdtemp(join(tmpdir(), 'callspool-')) : undefined;
  try {
    const out = await target(args, format, scratch);
    const { lengthMs, isComplete } = await write(access, io, call, { ...args, ...span, format, out });
    if (scratch === undefined && out !== '-') note(io, out);
    if (player && out !== '-') await play(player, { file: out, lengthMs }, io);
    return isComplete ? EXIT.ok : EXIT.notComplete;
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

/** @throws CliError for what no audio can be written to */
function checkOut(io: Io, { out, play: playing }: FetchArguments): void {
  if (out === '-' && playing) throw new CliError(EXIT.usage, '--play needs a file: leave out --out -');
  if (out === '-' && io.stdout.isTTY === true) {
    throw new CliError(
      EXIT.usage,
      'audio is nothing for a terminal to show',
      'name a file with --out, or pipe it into a program',
    );
  }
  const [extension] = OTHER_FORMATS.exec(out ?? '') ?? [];
  if (extension !== undefined && formatOfFile(extension) === undefined) {
    const titles = FILE_FORMATS.map(({ title }) => title).join(' and ');
    throw new CliError(
      EXIT.usage,
      `${titles} are all that it writes, and no ${extension}`,
      `name a .wav, and convert that: ffmpeg -i call.wav call${extension}`,
    );
  }
}

/** @throws CliError where the file's name says another than is asked for */
function formatFor({ out, format: name }: FetchArguments): FileFormat {
  const named = formatOfFile(out ?? '');
  const asked = FILE_FORMATS.find((format) => format.name === name);
  if (named !== undefined && asked !== undefined && named !== asked)
    throw new CliError(EXIT.usage, `--format ${asked.name} can’t be a .${named.extension}`);
  return asked ?? named ?? WAV;
}

/** What players would take the file for. */
const OTHER_FORMATS = /\.(?:mp3|m4a|mp4|aac|ogg|oga|opus|flac|wma|webm|mka|mkv|aiff?|au|amr|caf|raw|pcm)$/i;

/** @returns the file, or `-`. @throws CliError where a file would be lost */
async function target(
  { id, out, force }: FetchArguments,
  { extension }: FileFormat,
  scratch: string | undefined,
): Promise<string> {
  const name = `${id}.${extension}`;
  if (scratch !== undefined) return join(scratch, name);
  if (out === '-') return out;
  if (out !== undefined && /[/\\]$/.test(out)) await mkdir(out, { recursive: true });
  const file = out === undefined ? name : (await isFolder(out)) ? join(out, name) : out;
  if (!force) await refuseToReplace(file);
  return file;
}

interface WriteOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly mono?: Mono | undefined;
  readonly format: FileFormat;
  readonly out: string;
}

interface Written {
  readonly lengthMs: number;
  /** The record says so, and nothing is missing that it speaks of. */
  readonly isComplete: boolean;
}

async function write(access: Access, io: Io, call: CallRecord, options: WriteOptions): Promise<Written> {
  const stored = storedAudio(access, call);
  if (stored !== undefined) {
    try {
      const lengthMs =
        (await writeStored(access, io, call, options)) ?? (await writeSource(io, stored, options));
      if (call.status !== 'COMPLETE') note(io, `${call.status}: ${call.why ?? 'the record doesn’t say why'}`);
      return { lengthMs, isComplete: call.status === 'COMPLETE' };
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
        call.why ??
          (isFinal(call.status)
            ? 'its tape is gone, too: has it been erased, or has all of it expired?'
            : 'nothing of it is on the tape yet'),
      );
    }
    const lengthMs = await writeSource(io, tape, options);
    const { gaps, losses } = tape.facts;
    const length = clock((tape.frames * 1_000) / tape.sampleRate);
    note(
      io,
      `${call.status}: ${stored === undefined ? 'what was durable just now' : 'what is on the tape now'}, ${length} ` +
        `with ${count(gaps.length, 'gap')} and ${count(losses.length, 'loss', 'losses')}`,
    );
    return { lengthMs, isComplete: call.status === 'COMPLETE' && losses.length === 0 };
  } finally {
    await tape.close();
  }
}

/** Copies the file that the assembly stored in that format. @returns how long it is, in ms; undefined where it isn't there */
async function writeStored(
  access: Access,
  io: Io,
  call: CallRecord,
  { fromMs, toMs, mono, format, out }: WriteOptions,
): Promise<number | undefined> {
  const file = storedFiles(call).find(({ format: name }) => name === format.name);
  const { durationMs } = call;
  const isWhole = mono === undefined && fromMs === 0 && toMs === Infinity;
  if (file === undefined || durationMs === undefined || !isWhole) return undefined;
  try {
    await writeOut(io, out, storedFileBytes(access, call, file));
    return durationMs;
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    note(io, `${error.message}: making it of the WAV`);
    return undefined;
  }
}

async function writeOut(io: Io, out: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  if (out === '-') for await (const chunk of bytes) await writeBytes(io.stdout, chunk);
  else await writeWhole(out, bytes, io.signal);
}

/** @returns how long the part is, in ms */
async function writeSource(io: Io, source: AudioSource, options: WriteOptions): Promise<number> {
  const { fromMs, toMs, mono, format, out } = options;
  const frameAt = (ms: number) => Math.min(source.frames, Math.round((ms * source.sampleRate) / 1_000));
  const part = { fromFrame: frameAt(fromMs), toFrame: frameAt(toMs), ...(mono && { mono }) };
  if (part.fromFrame >= part.toFrame) {
    const length = lengthOf((source.frames * 1_000) / source.sampleRate);
    throw new CliError(EXIT.notFound, `nothing is there: the call is ${length} long`);
  }
  await writeOut(io, out, fileBytes(source, part, format));
  return ((part.toFrame - part.fromFrame) * 1_000) / source.sampleRate;
}

/** `90`, `1:30`, `1:02:03.5` in ms. @throws CliError */
export function offsetMs(option: string, text: string): number {
  const [, hours = '0', minutes = '0', seconds] = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (seconds !== undefined) return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  throw new CliError(EXIT.usage, `${option} ${text} is no place in a call: 90, 1:30 and 1:02:03.5 are`);
}
