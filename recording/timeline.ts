/**
 * The timeline: fragments in order of their numbers → stereo audio, every sample once, at its place in time.
 * Pure: the same set of fragments gives the same bytes.
 *
 * Frame 0 is the earliest block of the first fragment that has one. Each track has a cursor. A block whose time
 * lies more than {@link JITTER_MS} after it leaves a gap: silence of that length, noted. Any other block follows on
 * at the cursor: received audio is never trimmed, and jitter never clicks.
 */
import type { Block, Fragment } from '../matroska/fragment.ts';
import { type Gap, type Loss, type Track, TRACKS } from './call-record.ts';
import { ClockAnchor } from './clock-anchor.ts';
import { LossList } from './losses.ts';
import { BYTES_PER_SAMPLE, type Channel, channelsOf, DEFAULT_SAMPLE_RATE, pcmFormatOf } from './pcm.ts';
import { StereoWindow } from './stereo-window.ts';

/** A block this much after its track's cursor is still jitter. */
export const JITTER_MS = 32;
/** A block further behind the furthest track goes to that edge, so that all behind it is settled. */
export const WINDOW_SECONDS = 60;

/** A fragment of the recording: numbered, and ours. */
export type OwnFragment = Fragment & { readonly number: bigint };

export function isNumbered(fragment: Fragment): fragment is OwnFragment {
  return fragment.number !== undefined;
}

export interface TimelineFacts {
  readonly sampleRate: number;
  readonly frames: number;
  /** Fragments with audio that is in the WAV. */
  readonly fragments: number;
  readonly gaps: readonly Gap[];
  readonly gapMs: Readonly<Record<Track, number>>;
  readonly reanchored: number;
  /** Blocks that came so late that they stand at the window's edge. */
  readonly lateBlocks: number;
  readonly losses: readonly Loss[];
}

export class Timeline {
  #sampleRate: number | undefined;
  #window: StereoWindow | undefined;
  /** Epoch ms of frame 0, by the clock that {@link ClockAnchor} keeps. */
  #originMs: number | undefined;
  readonly #cursors: [number | undefined, number | undefined] = [undefined, undefined];
  readonly #clock = new ClockAnchor();
  readonly #gaps: Gap[] = [];
  readonly #losses = new LossList();
  #lastLost: bigint | undefined;
  #fragments = 0;
  #lateBlocks = 0;

  /**
   * Takes the next fragment. @param fragment numbered above the one before.
   * @returns the audio that is settled by it: interleaved S16LE, each chunk valid until the next one is taken.
   */
  *add(fragment: OwnFragment): Generator<Uint8Array> {
    yield* this.#place(fragment);
    if (this.#lastLost !== fragment.number) this.#losses.endRun();
  }

  *#place(fragment: OwnFragment): Generator<Uint8Array> {
    const sampleRate = this.#usableRate(fragment);
    if (sampleRate === undefined) return;
    const channels = channelsOf(fragment);
    const blocks = this.#usableBlocks(fragment, channels);
    const first = blocks[0];
    if (!first) return;
    this.#window ??= new StereoWindow(sampleRate, WINDOW_SECONDS);
    this.#sampleRate = sampleRate;
    this.#fragments += 1;
    const endMs = endOf(blocks, sampleRate);
    const offsetMs = this.#clock.offsetFor(first.timeMs, endMs - first.timeMs, fragment.serverTimestampMs);
    this.#originMs ??= first.timeMs + offsetMs;
    for (const { trackNumber, timeMs, audio } of blocks) {
      const channel = channels.get(trackNumber);
      if (channel === undefined) continue;
      const wanted = Math.round(((timeMs + offsetMs - this.#originMs) * sampleRate) / 1000);
      const start = this.#startFrame(channel, Math.max(0, wanted), sampleRate, this.#window.edge);
      this.#cursors[channel] = start + audio.length / BYTES_PER_SAMPLE;
      if (!this.#window.placeWithin(channel, start, audio)) yield* this.#window.place(channel, start, audio);
    }
  }

  /** What is left; the shorter channel is padded with silence. */
  *finish(): Generator<Uint8Array> {
    if (this.#window) yield* this.#window.finish();
  }

  facts(): TimelineFacts {
    const gapMs: Record<Track, number> = { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 };
    for (const { track, lengthMs } of this.#gaps) gapMs[track] = roundMs(gapMs[track] + lengthMs);
    return {
      sampleRate: this.#sampleRate ?? DEFAULT_SAMPLE_RATE,
      frames: this.#window?.furthest ?? 0,
      fragments: this.#fragments,
      gaps: this.#gaps,
      gapMs,
      reanchored: this.#clock.reanchored,
      lateBlocks: this.#lateBlocks,
      losses: this.#losses.all(),
    };
  }

  /** Where a block of a channel begins, and the note that it leaves a gap. */
  #startFrame(channel: Channel, wanted: number, sampleRate: number, edge: number): number {
    const cursor = this.#cursors[channel];
    const jitterFrames = (JITTER_MS * sampleRate) / 1000;
    let start = cursor === undefined || wanted > cursor + jitterFrames ? wanted : cursor;
    if (start < edge) {
      start = edge;
      this.#lateBlocks += 1;
    }
    const from = cursor ?? 0;
    if (start > from) this.#noteGap(channel, from, start, sampleRate);
    return start;
  }

  #noteGap(channel: Channel, from: number, to: number, sampleRate: number): void {
    this.#gaps.push({
      track: TRACKS[channel],
      startMs: roundMs((from * 1000) / sampleRate),
      lengthMs: roundMs(((to - from) * 1000) / sampleRate),
    });
  }

  /** The fragment's rate if it is this recording's; otherwise its audio is a declared loss. */
  #usableRate(fragment: OwnFragment): number | undefined {
    const format = pcmFormatOf(fragment);
    const expected = this.#sampleRate;
    // A last fragment may lack its tags: then it is as the ones before it.
    if (format === undefined) return expected ?? DEFAULT_SAMPLE_RATE;
    if ('sampleRate' in format && (expected ?? format.sampleRate) === format.sampleRate)
      return format.sampleRate;
    const reason =
      'unusable' in format
        ? format.unusable
        : `its sample rate is ${format.sampleRate} where the call’s is ${String(expected)}`;
    this.#lose(fragment, reason);
    return undefined;
  }

  #lose(fragment: OwnFragment, reason: string): void {
    this.#lastLost = fragment.number;
    if (fragment.blocks.length > 0) this.#losses.addFragment('FRAGMENT_UNUSABLE', fragment.number, reason);
  }

  /** In order of time; blocks of one time in the order in which they stand. */
  #usableBlocks(fragment: OwnFragment, channels: ReadonlyMap<number, Channel>): readonly Block[] {
    if (arePlain(fragment.blocks, channels)) return fragment.blocks;
    const usable: Block[] = [];
    for (const block of fragment.blocks) {
      if (!channels.has(block.trackNumber))
        this.#lose(fragment, 'it has a track that is neither the customer’s nor the agent’s');
      else usable.push({ ...block, audio: this.#wholeSamples(fragment, block) });
    }
    return usable.filter(({ audio }) => audio.length > 0).sort((a, b) => a.timeMs - b.timeMs);
  }

  #wholeSamples(fragment: OwnFragment, { audio }: Block): Uint8Array {
    const half = audio.length % BYTES_PER_SAMPLE;
    if (half !== 0) this.#lose(fragment, 'a block ends in the middle of a sample');
    return half === 0 ? audio : audio.subarray(0, -half);
  }
}

/** They can be placed as they stand, as nearly all can: there are too many of them to make another object of each. */
function arePlain(blocks: readonly Block[], channels: ReadonlyMap<number, Channel>): boolean {
  let beforeMs = -Infinity;
  for (const { trackNumber, timeMs, audio } of blocks) {
    const isWhole = audio.length > 0 && audio.length % BYTES_PER_SAMPLE === 0;
    if (!isWhole || timeMs < beforeMs || !channels.has(trackNumber)) return false;
    beforeMs = timeMs;
  }
  return true;
}

/** Of the block that ends last. */
function endOf(blocks: readonly Block[], sampleRate: number): number {
  let endMs = 0;
  for (const { timeMs, audio } of blocks)
    endMs = Math.max(endMs, timeMs + (audio.length / BYTES_PER_SAMPLE / sampleRate) * 1000);
  return endMs;
}

/** To the microsecond, so that a length at 8 kHz is exact and no noise of floating point is stored. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
