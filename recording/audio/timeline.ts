/**
 * The timeline: fragments in order of their numbers → stereo audio, every sample once, at its place in time.
 * Pure: the same set of fragments gives the same bytes.
 *
 * Frame 0 is the earliest block of the first fragment that has one. Each track has a cursor. A block whose time
 * lies more than {@link JITTER_MS} after it leaves a gap: silence of that length, noted. Any other block follows on
 * at the cursor: received audio is never trimmed, and jitter never clicks. So does a block whose time can't be right
 * ({@link Placement}): it moves nothing but itself. What can't be told of a fragment by itself is told by the few that
 * follow it, which are held back for that.
 */
import { byteLengthOf, type Block, type Fragment } from '../../matroska/fragment.ts';
import { arePlain, audioMsOf, FAR_MS, inOrder, JITTER_MS, REACH_MS, STRAY_MS } from './block-order.ts';
import { type Gap, type Loss, type Track, TRACKS } from '../call-record.ts';
import { ClockAnchor, FRAGMENTS_AHEAD } from './clock-anchor.ts';
import { LONGEST_CALL_SECONDS } from '../limits.ts';
import { Lookahead } from './lookahead.ts';
import { LossList } from '../losses/losses.ts';
import { BYTES_PER_SAMPLE, type Channel, channelsOf, DEFAULT_SAMPLE_RATE, pcmFormatOf } from './pcm.ts';
import { Placement } from './placement.ts';
import { StereoWindow } from './stereo-window.ts';
import { TrackLine } from './track-line.ts';

/** A block further behind the furthest track goes to that edge, so that all behind it is settled. */
export const WINDOW_SECONDS = 60;
/** No recording is longer: the longest call that can be allowed, and two hours. */
export const SECONDS_MAX = LONGEST_CALL_SECONDS + 7_200;
/** Fragments that are held while none of them has told the sample rate. */
const HELD_WITHOUT_RATE = 64;
const HELD_BYTES_MAX = 16 * 1024 * 1024;

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
  /** Blocks whose time could not be right: they follow on, or stand where those behind them say. */
  readonly strayBlocks: number;
  /** How far each track's audio ran ahead of its times at most. */
  readonly aheadMs: Readonly<Record<Track, number>>;
  readonly losses: readonly Loss[];
}

export class Timeline {
  readonly #ahead = new Lookahead<OwnFragment>(FRAGMENTS_AHEAD, HELD_BYTES_MAX, byteLengthOf);
  #sampleRate: number | undefined;
  #window: StereoWindow | undefined;
  /** Epoch ms of frame 0, by the clock that {@link ClockAnchor} keeps. */
  #originMs: number | undefined;
  readonly #lines = [new TrackLine(), new TrackLine()] as const;
  readonly #clock = new ClockAnchor();
  readonly #gaps: Gap[] = [];
  readonly #losses = new LossList();
  #lastLost: bigint | undefined;
  #fragments = 0;
  #lateBlocks = 0;
  #strayBlocks = 0;

  /**
   * Takes the next fragment. @param fragment numbered above the one before.
   * @returns the audio that is settled by it: interleaved S16LE, each chunk valid until the next one is taken.
   */
  *add(fragment: OwnFragment): Generator<Uint8Array> {
    if (fragment.blocks.length === 0) return;
    this.#ahead.push(fragment);
    if (!this.#isRateTold()) return;
    for (let next = this.#ahead.next(); next; next = this.#ahead.next()) yield* this.#take(next);
  }

  /** What is left; the shorter channel is padded with silence. */
  *finish(): Generator<Uint8Array> {
    for (let next = this.#ahead.rest(); next; next = this.#ahead.rest()) yield* this.#take(next);
    for (const line of this.#lines) this.#dropHalf(line);
    if (this.#window) yield* this.#window.finish();
  }

  /** Hz; it stands once there is audio. */
  get sampleRate(): number {
    return this.#sampleRate ?? DEFAULT_SAMPLE_RATE;
  }

  facts(): TimelineFacts {
    const gapMs: Record<Track, number> = { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 };
    for (const { track, lengthMs } of this.#gaps) gapMs[track] = roundMs(gapMs[track] + lengthMs);
    const { sampleRate } = this;
    const [customer, agent] = this.#lines;
    return {
      sampleRate,
      frames: this.#window?.furthest ?? 0,
      fragments: this.#fragments,
      gaps: this.#gaps,
      gapMs,
      reanchored: this.#clock.reanchored,
      lateBlocks: this.#lateBlocks,
      strayBlocks: this.#strayBlocks,
      aheadMs: {
        AUDIO_FROM_CUSTOMER: roundMs((customer.ahead * 1000) / sampleRate),
        AUDIO_TO_CUSTOMER: roundMs((agent.ahead * 1000) / sampleRate),
      },
      losses: this.#losses.all(),
    };
  }

  /** One that broke off before its tags doesn't tell it; then it is the others'. */
  #isRateTold(): boolean {
    if (this.#sampleRate !== undefined) return true;
    const { held, isFull } = this.#ahead;
    if (held.length === 0) return false;
    const told = held.map(pcmFormatOf).find((format) => format !== undefined && 'sampleRate' in format);
    if (told !== undefined && 'sampleRate' in told) this.#sampleRate = told.sampleRate;
    return told !== undefined || isFull || held.length >= HELD_WITHOUT_RATE;
  }

  *#take(fragment: OwnFragment): Generator<Uint8Array> {
    const sampleRate = this.#usableRate(fragment);
    if (sampleRate !== undefined) yield* this.#place(fragment, sampleRate);
    if (this.#lastLost !== fragment.number) this.#losses.endRun();
  }

  *#place(fragment: OwnFragment, sampleRate: number): Generator<Uint8Array> {
    const channels = channelsOf(fragment);
    const blocks = this.#usableBlocks(fragment, channels, sampleRate);
    const placement = this.#placementOf(fragment, blocks, channels, sampleRate);
    if (placement === undefined) return;
    const window = (this.#window ??= new StereoWindow(sampleRate, WINDOW_SECONDS));
    this.#sampleRate ??= sampleRate;
    this.#fragments += 1;
    const lines = this.#lines;
    const offsetMs = placement.anchor(lines, this.#originMs);
    const originMs = (this.#originMs ??= placement.earliestMs());
    const jitterFrames = (JITTER_MS * sampleRate) / 1000;
    let index = -1;
    for (const { trackNumber, timeMs, audio } of blocks) {
      index += 1;
      const channel = channels.get(trackNumber);
      if (channel === undefined) continue;
      const line = lines[channel];
      const wanted = Math.round(((timeMs + offsetMs - originMs) * sampleRate) / 1000);
      let start = line.end;
      if (start !== undefined && wanted <= start + jitterFrames && wanted >= start - jitterFrames)
        line.noteLag(0);
      else start = this.#startOff(placement, index, channel, wanted, sampleRate);
      start = this.#withinWindow(window, start);
      const samples = this.#wholeSamples(fragment, line, start, audio);
      const end = start + samples.length / BYTES_PER_SAMPLE;
      if (samples.length === 0 || !this.#isWithinLongest(fragment, end, sampleRate)) continue;
      if (start > (line.end ?? 0)) this.#noteGap(channel, line.end ?? 0, start, sampleRate);
      line.end = end;
      if (!window.placeWithin(channel, start, samples)) yield* window.place(channel, start, samples);
    }
    for (const line of lines) line.endFragment();
  }

  #placementOf(
    fragment: OwnFragment,
    blocks: readonly Block[],
    channels: ReadonlyMap<number, Channel>,
    sampleRate: number,
  ): Placement | undefined {
    const first = blocks[0];
    if (!first) return undefined;
    const clusterMs = fragment.clusterMs ?? first.timeMs;
    const stamps = { clusterMs, serverTimestampMs: fragment.serverTimestampMs };
    const endMs = endOf(blocks, sampleRate);
    const following = this.#ahead.held;
    return new Placement({ stamps, following, blocks, channels, sampleRate, endMs }, this.#clock);
  }

  /** Where a block begins that doesn't simply go on where the one before ends. */
  #startOff(
    placement: Placement,
    index: number,
    channel: Channel,
    wanted: number,
    sampleRate: number,
  ): number {
    const line = this.#lines[channel];
    const { end, lag } = line;
    if (end !== undefined && wanted <= end) {
      if (end - wanted - Math.max(0, lag) > (FAR_MS * sampleRate) / 1000) this.#strayBlocks += 1;
      line.noteLag(end - wanted);
      return end;
    }
    const wasAsEarly = lag < 0 && Math.abs((end ?? 0) - wanted - lag) <= (STRAY_MS * sampleRate) / 1000;
    const beginMs =
      end === undefined ? placement.firstMs(index, channel) : placement.gapEndMs(index, channel, wasAsEarly);
    const jitterFrames = (JITTER_MS * sampleRate) / 1000;
    const told = Math.max(
      0,
      Math.round((((beginMs ?? -Infinity) - (this.#originMs ?? 0)) * sampleRate) / 1000),
    );
    const isGap = end === undefined || (told > end + jitterFrames && told < SECONDS_MAX * sampleRate);
    const start = isGap ? told : end;
    if (Math.abs(wanted - start) > jitterFrames) this.#strayBlocks += 1;
    line.noteLag(start - wanted);
    return start;
  }

  #withinWindow({ edge }: StereoWindow, start: number): number {
    if (start >= edge) return start;
    this.#lateBlocks += 1;
    return edge;
  }

  /** The half of a sample joins the track's next block that follows on; where none does, it is a declared loss. */
  #wholeSamples(fragment: OwnFragment, line: TrackLine, start: number, audio: Uint8Array): Uint8Array {
    if (line.half === undefined && audio.length % BYTES_PER_SAMPLE === 0) return audio;
    if (start !== line.end) this.#dropHalf(line);
    return line.joined(audio, fragment.number);
  }

  #dropHalf(line: TrackLine): void {
    if (line.half === undefined) return;
    this.#lastLost = line.half.fragmentNumber;
    this.#losses.addFragment(
      'FRAGMENT_UNUSABLE',
      line.half.fragmentNumber,
      'a block ends in the middle of a sample',
    );
    line.half = undefined;
  }

  #isWithinLongest(fragment: OwnFragment, end: number, sampleRate: number): boolean {
    if (end <= SECONDS_MAX * sampleRate) return true;
    this.#lose(fragment, `it lies beyond ${SECONDS_MAX / 3_600} hours, which no call lasts`);
    return false;
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
    // A fragment that broke off may lack its tags: then it is as the others.
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
    this.#losses.addFragment('FRAGMENT_UNUSABLE', fragment.number, reason);
  }

  #usableBlocks(
    fragment: OwnFragment,
    channels: ReadonlyMap<number, Channel>,
    sampleRate: number,
  ): readonly Block[] {
    const ownMs = fragment.clusterMs ?? 0;
    if (arePlain(fragment.blocks, channels, ownMs)) return fragment.blocks;
    const usable = fragment.blocks.filter(({ trackNumber, timeMs, audio }) => {
      const reason = !channels.has(trackNumber)
        ? 'it has a track that is neither the customer’s nor the agent’s'
        : timeMs - ownMs > REACH_MS
          ? 'it has a block whose time is further behind its own than any can be'
          : undefined;
      if (reason !== undefined) this.#lose(fragment, reason);
      return reason === undefined && audio.length > 0;
    });
    const shiftMs = (this.#originMs ?? 0) - this.#clock.offsetMs;
    const expectedMs = this.#lines.map(({ end }) =>
      end === undefined ? ownMs : (end * 1000) / sampleRate + shiftMs,
    );
    return inOrder(usable, channels, sampleRate, expectedMs);
  }
}

/** When the last block ends, of the track that ends later. */
function endOf(blocks: readonly Block[], sampleRate: number): number {
  let endMs = -Infinity;
  let trackNumber: number | undefined;
  for (let at = blocks.length - 1; at >= 0; at -= 1) {
    const block = blocks[at];
    if (block === undefined || block.trackNumber === trackNumber) continue;
    endMs = Math.max(endMs, block.timeMs + audioMsOf(block, sampleRate));
    if (trackNumber !== undefined) break;
    trackNumber = block.trackNumber;
  }
  return endMs;
}

/** To the microsecond, so that a length at 8 kHz is exact and no noise of floating point is stored. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
