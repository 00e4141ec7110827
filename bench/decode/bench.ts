/** How fast a GetMedia body becomes per-track samples, beside other decoders. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { bytesOf, fragmentsOf } from '../support/call.ts';
import { buildProgram, ROOT, runProgram, timeCommand } from '../support/program.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';

const HOUR_SECONDS = 3_600;
/** Of the body for the slow decoders: six minutes. */
const SHARE = 10;
const CHUNKS_KB = [1, 16, 64] as const;
const SLOW = ['ebml', 'ebml-stream', 'ts-ebml'] as const;

const timed = v.object({ seconds: v.array(v.number()), digests: v.array(v.string()) });

export interface DecodeOptions {
  readonly runs: number;
  readonly chunksKb: readonly number[];
  readonly slow: readonly string[];
  readonly memory: boolean;
}

export const FULL: DecodeOptions = { runs: 7, chunksKb: CHUNKS_KB, slow: SLOW, memory: true };
export const GUARD: DecodeOptions = { runs: 5, chunksKb: [16], slow: ['ebml'], memory: false };

interface Body {
  readonly file: string;
  readonly bytes: number;
  /** Bytes of the first tenth, up to the end of a fragment. */
  readonly shareBytes: number;
}

function produceBody(): Body {
  const directory = join(ROOT, 'node_modules/.cache/bench');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `body-${String(process.pid)}.mkv`);
  const fragments = fragmentsOf(HOUR_SECONDS);
  writeFileSync(file, Buffer.concat(fragments.map(({ document }) => document)));
  const share = fragments.slice(0, Math.ceil(fragments.length / SHARE));
  return { file, bytes: statSync(file).size, shareBytes: bytesOf(share) };
}

export async function benchDecode({ runs, chunksKb, slow, memory }: DecodeOptions): Promise<Measured> {
  const program = await buildProgram('decode/worker.ts', [...SLOW]);
  const body = produceBody();
  try {
    const measure = async (decoder: string, chunkKb: number, bytes: number) => {
      const args = [decoder, String(chunkKb * 1024), body.file, String(bytes), String(runs)];
      const { stdout } = await runProgram(program, { args, nodeArgs: ['--expose-gc'] }).finished;
      return v.parse(timed, JSON.parse(stdout));
    };
    const rows: string[][] = [];
    const ratios: Ratio[] = [];
    const reference = (await measure('callspool', 16, body.shareBytes)).digests;
    for (const chunkKb of chunksKb) {
      const ours = median((await measure('callspool', chunkKb, body.bytes)).seconds);
      const copied = median((await measure('copy', chunkKb, body.bytes)).seconds);
      const guarded = chunkKb === 16;
      const add = (name: string, seconds: number, remark: string) =>
        rows.push([
          `${String(chunkKb)} KiB`,
          name,
          seconds.toFixed(3),
          `${String(rounded(seconds / ours))}×`,
          remark,
        ]);
      add('callspool', ours, '');
      add('plain copy', copied, '');
      ratios.push({
        name: `time of a plain copy, ${String(chunkKb)} KiB chunks`,
        value: rounded(ours / copied),
        better: 'less',
        ...(guarded && { target: 8, guarded }),
      });
      for (const decoder of slow) {
        const { seconds, digests } = await measure(decoder, chunkKb, body.shareBytes);
        const hour = median(seconds) * (body.bytes / body.shareBytes);
        const same = digests.join() === reference.join();
        add(decoder, hour, same ? '' : 'its samples differ');
        if (decoder === 'ebml')
          ratios.push({
            name: `faster than ebml’s Decoder, ${String(chunkKb)} KiB chunks`,
            value: rounded(hour / ours),
            better: 'more',
            ...(guarded && { target: 50, guarded }),
          });
      }
      if (!guarded) continue;
      const ffmpeg = await timeFfmpeg(body.file, runs);
      if (ffmpeg === undefined) {
        rows.push(['–', 'ffmpeg’s demuxer', 'not measured', '', 'no ffprobe on this machine']);
        continue;
      }
      add('ffmpeg’s demuxer', ffmpeg, 'whole process; counts packets, copies none');
      ratios.push({
        name: 'faster than ffmpeg’s demuxer',
        value: rounded(ffmpeg / ours),
        better: 'more',
        target: 3,
      });
      const whole = median(
        await repeat(
          runs,
          async () =>
            (await runProgram(program, { args: ['callspool', '16384', body.file, 'stream', '1'] }).finished)
              .cpuSeconds,
        ),
      );
      add('callspool, whole process', whole, 'starts Node.js and reads the file, as ffmpeg does');
    }
    const tables: Table[] = [{ head: ['chunks', 'decoder', 'CPU s per call-hour', 'of ours', ''], rows }];
    if (memory) tables.push(await memoryTable(program, body.file, ratios));
    return { title: 'Decoding', ratios, tables, notes: NOTES(body) };
  } finally {
    rmSync(body.file);
  }
}

const NOTES = ({ bytes, shareBytes }: Body) => [
  `An hour’s GetMedia body, ${(bytes / 1e6).toFixed(0)} MB, into a buffer a track; each decoder in a process of its own, the body in memory.`,
  `ebml, ebml-stream and ts-ebml decode its first ${(shareBytes / 1e6).toFixed(1)} MB; their figures are scaled to the hour.`,
  'Each decoder’s samples are compared with ours by SHA-256, once, untimed.',
  'ffmpeg refuses to write this body (its CodecID says AAC), so that ffprobe’s packet count stands for its demuxer.',
];

async function repeat(runs: number, act: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let run = 0; run < runs; run += 1) values.push(await act());
  return values;
}

async function timeFfmpeg(file: string, runs: number): Promise<number | undefined> {
  if (!existsSync('/usr/bin/ffprobe')) return undefined;
  const command = [
    'ffprobe',
    '-v',
    'quiet',
    '-f',
    'matroska',
    '-count_packets',
    '-show_entries',
    'stream=nb_read_packets',
    '-i',
    file,
  ];
  return median(await repeat(runs, async () => (await timeCommand(command))?.cpuSeconds ?? NaN));
}

async function memoryTable(program: string, file: string, ratios: Ratio[]): Promise<Table> {
  const lengths = [
    ['10 min', 'tenMinutes'],
    ['1 h', 1],
    ['8 h', 8],
  ] as const;
  const rows: string[][] = [];
  const peaks: number[] = [];
  const short = `${file}.short`;
  const fragments = fragmentsOf(600);
  writeFileSync(short, Buffer.concat(fragments.map(({ document }) => document)));
  try {
    for (const [name, times] of lengths) {
      const args = times === 'tenMinutes' ? [short, 'stream', '1'] : [file, 'stream', String(times)];
      const peak = median(
        await repeat(
          5,
          async () => (await runProgram(program, { args: ['callspool', '16384', ...args] }).finished).peakMb,
        ),
      );
      peaks.push(peak);
      rows.push([name, peak.toFixed(0)]);
    }
  } finally {
    rmSync(short);
  }
  const [first = NaN] = peaks;
  ratios.push({
    name: 'MB that eight hours take beyond ten minutes',
    value: Math.round((peaks.at(-1) ?? NaN) - first),
    better: 'less',
    target: 10,
  });
  return { head: ['body, in chunks of 16 KiB', 'peak RSS, MB (whole process)'], rows };
}
