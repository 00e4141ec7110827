/** Where the blocks of some fragments lie, and what of it is sure enough to be given. Frames are the WAV's. */
import type { Block, NumberedFragment } from '../../matroska/fragment.ts';
import { BYTES_PER_SAMPLE, type Channel } from '../../recording/audio/pcm.ts';
import type { PlacedSamples } from '../../recording/audio/placements.ts';
import { Placer, type PlacerState } from '../../recording/audio/placer.ts';
import { NO_NOTES } from '../../recording/audio/placing-notes.ts';
import type { Span } from './outputs.ts';

export const CHANNELS = [0, 1] as const;

/**
 * A single block may tell a wrong time, and where none follows it nothing contradicts it: what lies behind a gap is sure
 * only where so many blocks agree.
 */
const AGREEING_BLOCKS = 3;

export interface Layout {
  readonly placed: readonly PlacedSamples[];
  /** One past each side's last sample; 0 before its first. */
  readonly ends: readonly [number, number];
  /** The same, without what is placed behind a gap by too few blocks. */
  readonly sureEnds: readonly [number, number];
  /** One past the last frame that a sample stands on. */
  readonly furthest: number;
  readonly sampleRate: number | undefined;
  /** Epoch ms of frame 0. */
  readonly originMs: number | undefined;
}

/** What the WAV would be if nothing followed. @param state where the fragments before have come to */
export function layOut(
  state: PlacerState,
  fragments: readonly NumberedFragment[],
  sampleRate: number | undefined,
): Layout {
  const placer = new Placer(NO_NOTES, state);
  const placed: PlacedSamples[] = [];
  let sureEnds = endsOf(placer);
  for (const [index, fragment] of fragments.entries()) {
    const before = endsOf(placer);
    const own = placer.place(fragment, fragments.slice(index + 1), sampleRate).list();
    placed.push(...own);
    sureEnds = [sureEnd(own, 0, before[0]), sureEnd(own, 1, before[1])];
  }
  const { furthest, originMs } = placer;
  return { placed, ends: endsOf(placer), sureEnds, furthest, sampleRate: placer.sampleRate, originMs };
}

function endsOf({ lines: [left, right] }: Placer): readonly [number, number] {
  return [left.end ?? 0, right.end ?? 0];
}

/** @param own what the newest fragment brought. @param before where the side had come to without it */
function sureEnd(own: readonly PlacedSamples[], channel: Channel, before: number): number {
  let end = before;
  let sure = before;
  let agreeing = AGREEING_BLOCKS;
  for (const { channel: of, start, samples } of own) {
    if (of !== channel) continue;
    agreeing = start > end ? 1 : agreeing + 1;
    end = start + samples.length / BYTES_PER_SAMPLE;
    if (agreeing >= AGREEING_BLOCKS) sure = end;
  }
  return sure;
}

/** A run of samples of one side. */
export interface Run extends Pick<PlacedSamples, 'channel' | 'start' | 'samples'> {
  readonly end: number;
}

/** The part of it that lies in a range of frames; undefined where none does. */
export function within(placed: Omit<PlacedSamples, 'block'>, from: number, to: number): Run | undefined {
  const { channel, start, samples } = placed;
  const first = Math.max(start, from);
  const end = Math.min(start + samples.length / BYTES_PER_SAMPLE, to);
  if (first >= end) return undefined;
  const part = samples.subarray((first - start) * BYTES_PER_SAMPLE, (end - start) * BYTES_PER_SAMPLE);
  return { channel, start: first, end, samples: part };
}

/** Whether a block lies where it lay, and is the same. */
export function isUnmoved(a: PlacedSamples, b: PlacedSamples | undefined): boolean {
  if (b?.start !== a.start) return false;
  return a.samples === b.samples || Buffer.compare(a.samples, b.samples) === 0;
}

export function byBlock(placed: readonly PlacedSamples[]): ReadonlyMap<Block, PlacedSamples> {
  return new Map(placed.map((one) => [one.block, one]));
}

/** Runs that go on where one before ends become one, of so many frames at most. */
export function joined(runs: Iterable<Run>, framesMax: number): Run[] {
  const out: { channel: Channel; start: number; end: number; pieces: Uint8Array[] }[] = [];
  const open = new Map<Channel, (typeof out)[number]>();
  for (const { channel, start, end, samples } of runs) {
    const last = open.get(channel);
    if (last?.end === start && end - last.start <= framesMax) {
      last.end = end;
      last.pieces.push(samples);
    } else {
      const next = { channel, start, end, pieces: [samples] };
      open.set(channel, next);
      out.push(next);
    }
  }
  return out.map(({ channel, start, end, pieces }) => ({
    channel,
    start,
    end,
    samples: Buffer.concat(pieces),
  }));
}

/** What no run covers of a range of frames. @param runs of the side, in order */
export function uncovered(
  runs: readonly Pick<Run, 'start' | 'end'>[],
  channel: Channel,
  from: number,
  to: number,
): Span[] {
  const spans: Span[] = [];
  let at = from;
  for (const { start, end } of runs) {
    if (start > at) spans.push({ channel, startFrame: at, frames: start - at });
    at = Math.max(at, end);
  }
  if (to > at) spans.push({ channel, startFrame: at, frames: to - at });
  return spans;
}
