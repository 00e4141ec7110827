/**
 * ffmpeg's demuxer beside ours, both as whole processes: the same hour from disk, each track's samples to a file.
 *
 * ffmpeg refuses Connect's own body, whose CodecID says AAC. So both get a copy in which the Tracks element says what
 * is true (PCM, 16 bit, 8 kHz); every other byte is the same.
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { MatroskaWriter } from '../../local/standins/kinesis-video/matroska-writer.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import { ID } from '../../matroska/elements.ts';
import { buildProgram, timeCommand } from '../support/program.ts';

export interface WholeProcesses {
  /** CPU seconds of each run, the start of the process included. */
  readonly ours: readonly number[];
  readonly ffmpeg: readonly number[];
  /** Times for a body of one fragment, which is nearly nothing but the start. */
  readonly oursStart: readonly number[];
  readonly ffmpegStart: readonly number[];
  /** What was measured right beside each run of ffmpeg. */
  readonly beside: readonly number[];
  /** The samples are the same, by SHA-256. */
  readonly same: boolean;
}

const SIZE = { known: true, bytes: 4 };
/** Ids of elements that only a writer needs to know (RFC 9559). */
const AUDIO = { Audio: 0xe1, SamplingFrequency: 0xb5, Channels: 0x9f, BitDepth: 0x6264 } as const;
const TRACK = { TrackUID: 0x73c5, TrackType: 0x83 } as const;
/** 8,000 as a 4-byte float. */
const SAMPLING_FREQUENCY = Uint8Array.of(0x45, 0xfa, 0x00, 0x00);

function pcmTracks(): Uint8Array {
  const writer = new MatroskaWriter();
  writer.master(ID.Tracks, SIZE, () => {
    for (const number of [1, 2]) {
      writer.master(ID.TrackEntry, SIZE, () => {
        writer.uint(ID.TrackNumber, number);
        writer.uint(TRACK.TrackUID, number, 8);
        writer.uint(TRACK.TrackType, 2);
        writer.string(ID.CodecID, 'A_PCM/INT/LIT');
        writer.master(AUDIO.Audio, SIZE, () => {
          writer.binary(AUDIO.SamplingFrequency, SAMPLING_FREQUENCY);
          writer.uint(AUDIO.Channels, 1);
          writer.uint(AUDIO.BitDepth, 16);
        });
      });
    }
  });
  return writer.finish();
}

/** With another Tracks element; its own has a size of 4 bytes. */
function withTracks(document: Uint8Array, tracks: Uint8Array): Uint8Array {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.length);
  const at = bytes.indexOf(Buffer.from('1654ae6b', 'hex'));
  const end = at + 8 + (bytes.readUInt32BE(at + 4) & 0x0fff_ffff);
  return Buffer.concat([bytes.subarray(0, at), tracks, bytes.subarray(end)]);
}

/** @param beside measures something else once. @returns undefined where there is no ffmpeg. */
export async function wholeProcesses(
  fragments: readonly StoredFragment[],
  prefix: string,
  runs: number,
  beside: () => Promise<number>,
): Promise<WholeProcesses | undefined> {
  const program = await buildProgram('decode/extract.ts');
  const tracks = pcmTracks();
  const documents = fragments.map(({ document }) => withTracks(document, tracks));
  const [hour, one] = [`${prefix}.pcm.mkv`, `${prefix}.one.mkv`];
  const ours = (file: string, a: string, b: string) => [process.execPath, program, file, a, b];
  const ffmpeg = (file: string, a: string, b: string) => [
    ...['ffmpeg', '-v', 'quiet', '-nostdin', '-y', '-f', 'matroska', '-i', file],
    ...['-map', '0:0', '-c', 'copy', '-f', 's16le', a, '-map', '0:1', '-c', 'copy', '-f', 's16le', b],
  ];
  const seconds = async (command: readonly string[]) => (await timeCommand(command))?.cpuSeconds;
  writeFileSync(hour, Buffer.concat(documents));
  writeFileSync(one, documents[0] ?? Buffer.alloc(0));
  try {
    const outputs = [`${prefix}.1.raw`, `${prefix}.2.raw`] as const;
    const digests: string[] = [];
    for (const command of [ours, ffmpeg]) {
      if ((await seconds(command(hour, ...outputs))) === undefined) return undefined;
      digests.push(outputs.map(digestOf).join());
      for (const output of outputs) rmSync(output, { force: true });
    }
    const samples = { ours: [], ffmpeg: [], oursStart: [], ffmpegStart: [], beside: [] } as Record<
      'ours' | 'ffmpeg' | 'oursStart' | 'ffmpegStart' | 'beside',
      number[]
    >;
    const nowhere = ['/dev/null', '/dev/null'] as const;
    for (let run = 0; run < runs; run += 1) {
      samples.ours.push((await seconds(ours(hour, ...nowhere))) ?? NaN);
      samples.ffmpeg.push((await seconds(ffmpeg(hour, ...nowhere))) ?? NaN);
      samples.beside.push(await beside());
      samples.oursStart.push((await seconds(ours(one, ...nowhere))) ?? NaN);
      samples.ffmpegStart.push((await seconds(ffmpeg(one, ...nowhere))) ?? NaN);
    }
    return { ...samples, same: digests[0] === digests[1] };
  } finally {
    rmSync(hour);
    rmSync(one);
  }
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
