/** How fast a GetMedia body becomes per-track samples, beside other decoders. */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import { bytesOf, fragmentsOf } from '../support/call.ts';
import { type Extent, runsOf, WHOLE } from '../support/options.ts';
import { buildProgram, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import { wholeProcesses } from './ffmpeg.ts';

const HOUR_SECONDS = 3_600;
const SHORT_SECONDS = 600;
/** Slow decoders get this part of the body: six minutes. */
const SHARE = 10;
/** In one process, one after the other: a fast decoder's median is steadier. */
const REPEATS = { fast: 5, slow: 1 } as const;
const SLOW = ['ebml', 'ebml-stream', 'ts-ebml'] as const;
/** The chunks for which there is something to reach. */
const TARGET_KB = 16;

const timed = v.object({ seconds: v.array(v.number()), digests: v.array(v.string()) });

export interface DecodeOptions {
  readonly runs: number;
  readonly chunksKb: readonly number[];
  readonly slow: readonly string[];
  /** Beside ffmpeg, and memory by the body's length. */
  readonly more: boolean;
}

export const FULL: DecodeOptions = { runs: 5, chunksKb: [1, 16, 64], slow: SLOW, more: true };
export const GUARD: DecodeOptions = { runs: 5, chunksKb: [TARGET_KB], slow: ['ebml'], more: false };

interface Body {
  readonly file: string;
  readonly fragments: readonly StoredFragment[];
  readonly seconds: number;
  readonly bytes: number;
  /** Bytes of the first tenth, up to the end of a fragment. */
  readonly shareBytes: number;
}

function produceBody(seconds: number): Body {
  const directory = join(ROOT, 'node_modules/.cache/bench');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `body-${String(process.pid)}.mkv`);
  const fragments = fragmentsOf(seconds);
  writeFileSync(file, Buffer.concat(fragments.map(({ document }) => document)));
  const share = fragments.slice(0, Math.ceil(fragments.length / SHARE));
  return { file, fragments, seconds, bytes: statSync(file).size, shareBytes: bytesOf(share) };
}

export async function benchDecode(options: DecodeOptions, extent: Extent = WHOLE): Promise<Measured> {
  const runs = runsOf(options.runs, extent);
  const program = await buildProgram('decode/worker.ts', { external: [...SLOW] });
  const body = produceBody(Math.min(HOUR_SECONDS, extent.secondsMax));
  try {
    const rows: string[][] = [];
    const ratios: Ratio[] = [];
    for (const chunkKb of options.chunksKb) {
      const hour = await measureChunks(program, body, chunkKb, options.slow, runs);
      rows.push(...hour.rows);
      ratios.push(...hour.ratios);
    }
    const tables: Table[] = [
      { head: ['chunks', 'decoder', 'CPU s per call-hour', 'of ours', 'samples', 'runs'], rows },
    ];
    if (options.more) {
      tables.push(await ffmpegTable(program, body, runs, ratios));
      tables.push(await memoryTable(program, runs, ratios, extent));
    }
    return { title: 'Decoding', ratios, tables, notes: NOTES(body) };
  } finally {
    rmSync(body.file);
  }
}

const NOTES = ({ seconds, bytes, shareBytes }: Body) => [
  `${seconds === HOUR_SECONDS ? 'An hour’s' : `${String(seconds)} seconds’`} GetMedia body, ${(bytes / 1e6).toFixed(0)} MB, into a buffer a track; each decoder in a process of its own, the body in memory, once untimed before it is timed. No garbage collection is forced in between: with no reader alive it would also throw away compiled code, and a decoder that is quick would be measured while it is compiled again. A ratio is of two that ran right after each other.`,
  `ebml, ebml-stream and ts-ebml decode its first ${(shareBytes / 1e6).toFixed(1)} MB; their figures are scaled to the hour.`,
  'Samples: those of each track beside ours, by SHA-256.',
  'ffmpeg as a whole process: `ffmpeg -i FILE -map 0:0 -c copy -f s16le … -map 0:1 -c copy -f s16le …`, beside a Node.js program on our reader that does the same; both write to /dev/null when timed, and once to files, which are compared. ffmpeg refuses Connect’s own body, whose CodecID says AAC, so that both read a copy whose Tracks element says PCM. Less the start: each less its time for a body of one fragment.',
  'Memory: the body is read from a file, one chunk at a time, each into memory of its own, and is never whole in memory; beyond ten minutes the same ten minutes come again and again.',
];

interface Chunked {
  readonly rows: string[][];
  readonly ratios: Ratio[];
}

/** One decoder in a process of its own. @returns CPU seconds per call-hour, and a digest of each track */
async function decodeOnce(program: string, body: Body, decoder: string, chunkKb: number, isSlow: boolean) {
  const [bytes, repeats] = isSlow ? [body.shareBytes, REPEATS.slow] : [body.bytes, REPEATS.fast];
  const args = [decoder, String(chunkKb * 1024), body.file, String(bytes), String(repeats)];
  const { stdout } = await runProgram(program, { args }).finished;
  const { seconds, digests } = v.parse(timed, JSON.parse(stdout));
  const hours = body.seconds / HOUR_SECONDS;
  return { perHour: (median(seconds) / hours) * (body.bytes / bytes), digests: digests.join() };
}

async function measureChunks(
  program: string,
  body: Body,
  chunkKb: number,
  slow: readonly string[],
  runs: number,
): Promise<Chunked> {
  const decoders = ['callspool', 'copy', ...slow];
  const found = new Map<string, number[]>(decoders.map((decoder) => [decoder, []]));
  const digests = new Map<string, string>();
  for (let run = 0; run < runs; run += 1) {
    for (const decoder of decoders) {
      const sample = await decodeOnce(program, body, decoder, chunkKb, slow.includes(decoder));
      found.get(decoder)?.push(sample.perHour);
      digests.set(decoder, sample.digests);
    }
  }
  const share = ['callspool', String(chunkKb * 1024), body.file, String(body.shareBytes), '0'];
  const reference = v.parse(timed, JSON.parse((await runProgram(program, { args: share }).finished).stdout));
  const ours = found.get('callspool') ?? [];
  const to = (decoder: string) => (found.get(decoder) ?? []).map((value, run) => value / (ours[run] ?? NaN));
  const samples = (decoder: string) => {
    if (!slow.includes(decoder)) return '';
    return digests.get(decoder) === reference.digests.join() ? 'the same' : '**differ**';
  };
  return {
    rows: decoders.map((decoder) => [
      `${String(chunkKb)} KiB`,
      decoder === 'copy' ? 'plain copy' : decoder,
      median(found.get(decoder) ?? []).toFixed(3),
      `${String(rounded(median(to(decoder))))}×`,
      samples(decoder),
      String(runs),
    ]),
    ratios: chunkRatios(chunkKb, median(to('copy').map((value) => 1 / value)), median(to('ebml'))),
  };
}

function chunkRatios(chunkKb: number, ofCopy: number, ofEbml: number): Ratio[] {
  const isTarget = chunkKb === TARGET_KB;
  return [
    {
      name: `time of a plain copy, ${String(chunkKb)} KiB chunks`,
      value: rounded(ofCopy),
      better: 'less',
      ...(isTarget && { target: 5, guarded: true }),
    },
    {
      name: `faster than ebml’s Decoder, ${String(chunkKb)} KiB chunks`,
      value: rounded(ofEbml),
      better: 'more',
      ...(isTarget && { target: 50, guarded: true }),
    },
  ];
}

async function ffmpegTable(program: string, body: Body, runs: number, ratios: Ratio[]): Promise<Table> {
  const head = ['whole process, from disk', 'CPU s', 'of which start', 'samples', 'runs'];
  const beside = async () => (await decodeOnce(program, body, 'callspool', TARGET_KB, false)).perHour;
  const found = await wholeProcesses(body.fragments, body.file, runs, beside);
  if (found === undefined)
    return { head, rows: [['ffmpeg', 'not measured: it isn’t installed', '', '', '']] };
  const hours = body.seconds / HOUR_SECONDS;
  const less = (whole: readonly number[], start: readonly number[]) => {
    const startSeconds = median(start);
    return whole.map((value) => value - startSeconds);
  };
  const [ourWork, theirWork] = [less(found.ours, found.oursStart), less(found.ffmpeg, found.ffmpegStart)];
  const paired = (theirs: readonly number[], own: readonly number[]) =>
    rounded(median(theirs.map((value, run) => value / (own[run] ?? NaN))));
  ratios.push(
    {
      name: 'decoding, 16 KiB chunks: faster than ffmpeg’s whole process',
      value: paired(
        found.ffmpeg.map((value) => value / hours),
        found.beside,
      ),
      better: 'more',
      target: 3,
    },
    {
      name: 'whole process: faster than ffmpeg',
      value: paired(found.ffmpeg, found.ours),
      better: 'more',
    },
    {
      name: 'whole process less its start: faster than ffmpeg',
      value: paired(theirWork, ourWork),
      better: 'more',
    },
  );
  const row = (name: string, whole: readonly number[], start: readonly number[], samples: string) => [
    name,
    median(whole).toFixed(3),
    median(start).toFixed(3),
    samples,
    String(runs),
  ];
  return {
    head,
    rows: [
      row('ffmpeg', found.ffmpeg, found.ffmpegStart, found.same ? 'the same' : '**differ**'),
      row('callspool’s reader, in Node.js', found.ours, found.oursStart, ''),
    ],
  };
}

async function memoryTable(
  program: string,
  runs: number,
  ratios: Ratio[],
  { secondsMax }: Extent,
): Promise<Table> {
  const head = ['body, in chunks of 16 KiB', 'peak RSS, MB (whole process)', 'runs'];
  const rows: string[][] = [];
  const peaks: number[] = [];
  const short = join(ROOT, 'node_modules/.cache/bench', `short-${String(process.pid)}.mkv`);
  writeFileSync(short, Buffer.concat(fragmentsOf(SHORT_SECONDS).map(({ document }) => document)));
  try {
    for (const [name, hours] of [
      ['10 min', 1 / 6],
      ['1 h', 1],
      ['8 h', 8],
    ] as const) {
      if (hours * HOUR_SECONDS > secondsMax) {
        rows.push([name, 'not measured', '']);
        continue;
      }
      const args = ['callspool', '16384', short, 'stream', String(Math.round(hours * 6))];
      const found: number[] = [];
      for (let run = 0; run < runs; run += 1)
        found.push((await runProgram(program, { args }).finished).peakMb);
      peaks.push(median(found));
      rows.push([name, median(found).toFixed(0), String(runs)]);
    }
  } finally {
    rmSync(short);
  }
  const [first = NaN] = peaks;
  if (peaks.length === 3)
    ratios.push({
      name: 'MB that decoding eight hours takes beyond ten minutes',
      value: Math.round((peaks.at(-1) ?? NaN) - first),
      better: 'less',
      target: 10,
    });
  return { head, rows };
}
