/**
 * Says once more, in the simplest way, what the WAV must be: every block placed on a plain array, by the rule of
 * recording/audio/placer.ts.
 * It shares nothing with the timeline that it judges. No fixed memory, no streaming: calls here are short.
 */
import { createHash } from 'node:crypto';

const CHANNELS = 2;
const JITTER_MS = 32;
const STRAY_MS = 128;
const WINDOW_SECONDS = 60;
const CLOCK_JUMP_MS = 2_000;
const WAVERING_MS = 500;
const LONGEST_PAUSE_AT_END_MS = 10_000;

interface PieceBlock {
  readonly channel: 0 | 1;
  readonly timeMs: number;
  readonly pcm: Uint8Array;
}

export interface Piece {
  readonly serverMs: number;
  /** The Cluster's time. */
  readonly clusterMs: number;
  readonly blocks: readonly PieceBlock[];
}

export interface TrueGap {
  readonly channel: 0 | 1;
  readonly fromFrame: number;
  readonly toFrame: number;
}

export interface TrueAudio {
  readonly frames: number;
  /** The hash of interleaved S16LE. */
  readonly sha256: string;
  readonly gaps: readonly TrueGap[];
  readonly reanchored: number;
  /** Of frame 0, epoch ms; undefined where there is no audio. */
  readonly originMs: number | undefined;
}

/** @param all what there is of each fragment, in order of number; each track's blocks in order of time */
export function trueAudio(all: readonly Piece[], sampleRate: number): TrueAudio {
  return new Truth(all.filter(({ blocks }) => blocks.length > 0).map(inOrder), sampleRate).tell();
}

/** Where a block is cut within a sample, the fragment's tracks are placed one after the other, the earlier one first. */
function inOrder(piece: Piece): Piece {
  if (piece.blocks.every(({ pcm }) => pcm.length > 0 && pcm.length % 2 === 0)) return piece;
  const [left, right] = ([0, 1] as const).map((own) => piece.blocks.filter(({ channel }) => channel === own));
  const tracks = [left ?? [], right ?? []].sort((a, b) => (a[0]?.timeMs ?? 0) - (b[0]?.timeMs ?? 0));
  return { ...piece, blocks: tracks.flat() };
}

const NO_HALF = { bytes: new Uint8Array(0), piece: undefined };

class Truth {
  readonly #pieces: readonly Piece[];
  readonly #rate: number;
  readonly #tracks: readonly [Track, Track] = [new Track(), new Track()];
  readonly #ends: (number | undefined)[] = [undefined, undefined];
  /** The first byte of a sample, at a track's end, whose second one has not come yet, and what it stands in. */
  readonly #halves: { bytes: Uint8Array; piece: Piece | undefined }[] = [NO_HALF, NO_HALF];
  /** How far each track's last block stands behind its time. */
  readonly #lags = [0, 0];
  readonly #gaps: TrueGap[] = [];
  #reanchored = 0;
  #originMs: number | undefined;
  #offsetMs = 0;
  #biasMs = 0;
  #expectedMs: number | undefined;
  readonly #leads: number[] = [];

  constructor(pieces: readonly Piece[], sampleRate: number) {
    this.#pieces = pieces;
    this.#rate = sampleRate;
  }

  tell(): TrueAudio {
    this.#pieces.forEach((piece, index) => {
      const following = this.#pieces.slice(index + 1, index + 5);
      const { isAhead, beginMs } = this.#judge(piece, following);
      const isPossible = (timeMs: number, channel: number, wasStray: boolean) =>
        !isAhead && this.#isPossible(timeMs, channel, wasStray, following, beginMs);
      this.#place(piece, beginMs, isPossible);
    });
    const originMs = this.#originMs;
    return { ...hashed(this.#tracks), gaps: this.#gaps, reanchored: this.#reanchored, originMs };
  }

  /** Tells where the fragment begins, by a clock without jumps, and whether its clock is ahead for a while. */
  #judge(piece: Piece, following: readonly Piece[]): { isAhead: boolean; beginMs: number } {
    const before = this.#expectedMs;
    const ends = piece.blocks.map(({ timeMs, pcm }) => timeMs + this.#msOf(pcm));
    const lasts = ([0, 1] as const).map((channel) =>
      piece.blocks.findLastIndex((block) => block.channel === channel),
    );
    const endMs = Math.max(...lasts.map((last) => ends[last] ?? -Infinity));
    if (this.#hasJumped(piece) && Math.abs(this.#changeOf(piece)) > CLOCK_JUMP_MS) {
      const change = this.#changeOf(piece);
      const changes = [piece, ...following].map((other) => this.#changeOf(other));
      const alike = changes.filter((other) => Math.abs(other - change) <= CLOCK_JUMP_MS);
      if (alike.length >= 2 && alike.length > changes.length / 2) {
        this.#offsetMs -= middle(alike);
        this.#reanchored += 1;
      } else {
        this.#expectedMs = (before ?? 0) + endMs - piece.clusterMs;
        const isAhead = change > 0;
        return { isAhead, beginMs: isAhead && before !== undefined ? before : this.#ownMs(piece) };
      }
    }
    this.#expectedMs = endMs + this.#offsetMs;
    this.#leads.push(this.#ownMs(piece) - piece.serverMs);
    return { isAhead: false, beginMs: this.#ownMs(piece) };
  }

  #ownMs({ clusterMs }: Piece): number {
    return clusterMs + this.#biasMs + this.#offsetMs;
  }

  #changeOf(piece: Piece): number {
    const recent = this.#leads.slice(-5);
    return recent.length === 0 ? 0 : this.#ownMs(piece) - piece.serverMs - middle(recent);
  }

  #hasJumped(piece: Piece): boolean {
    const expectedMs = this.#expectedMs;
    if (expectedMs === undefined) return false;
    const offMs = this.#ownMs(piece) - expectedMs;
    if (Math.abs(offMs) <= WAVERING_MS) return false;
    if (Math.abs(piece.clusterMs + this.#offsetMs - expectedMs) <= WAVERING_MS) {
      this.#biasMs = 0;
      return false;
    }
    const going = ([0, 1] as const).flatMap((channel) => {
      const end = this.#ends[channel];
      const beginMs = this.#beginOf(piece, channel);
      if (end === undefined || beginMs === undefined) return [];
      const awayMs = Math.abs(beginMs + this.#offsetMs - (this.#originMs ?? 0) - (end * 1000) / this.#rate);
      return awayMs <= WAVERING_MS ? [{ awayMs, beginMs }] : [];
    });
    // Of two that are as close, the later one counts.
    const closest = going.reduceRight<(typeof going)[number] | undefined>(
      (best, one) => (best === undefined || one.awayMs < best.awayMs ? one : best),
      undefined,
    );
    if (closest === undefined) return Math.abs(offMs) > CLOCK_JUMP_MS;
    this.#biasMs = closest.beginMs - piece.clusterMs;
    return false;
  }

  #place(
    piece: Piece,
    beginMs: number,
    isPossible: (timeMs: number, channel: number, wasStray: boolean) => boolean,
  ): void {
    const begins = ([0, 1] as const).flatMap((channel) => {
      const index = piece.blocks.findIndex((block) => block.channel === channel);
      return index < 0 ? [] : [this.#firstMs(piece, index, beginMs, isPossible)];
    });
    this.#originMs ??= Math.min(...begins);
    for (const [index, { channel, timeMs, pcm }] of piece.blocks.entries()) {
      const wanted = this.#frameOf(timeMs + this.#offsetMs);
      const end = this.#ends[channel];
      let at = this.#startOf(piece, index, wanted, beginMs, isPossible);
      const isOff = end === undefined || Math.abs(wanted - end) > (JITTER_MS * this.#rate) / 1000;
      this.#lags[channel] = isOff ? at - wanted : 0;
      at = Math.max(at, Math.max(...this.#tracks.map(({ length }) => length)) - WINDOW_SECONDS * this.#rate);
      const samples = this.#wholeSamples(piece, channel, at, pcm);
      if (samples.length === 0) continue;
      if (at > (end ?? 0)) this.#gaps.push({ channel, fromFrame: end ?? 0, toFrame: at });
      this.#write(channel, at, samples);
    }
  }

  /** Half a sample joins the track's next block in its own piece, or where that follows on; elsewhere it can't be heard. */
  #wholeSamples(piece: Piece, channel: 0 | 1, at: number, pcm: Uint8Array): Uint8Array {
    const half = this.#halves[channel] ?? NO_HALF;
    const joins = half.piece === piece || at === this.#ends[channel];
    const bytes = Buffer.concat([joins ? half.bytes : NO_HALF.bytes, pcm]);
    const whole = bytes.length - (bytes.length % 2);
    this.#halves[channel] = { bytes: bytes.subarray(whole), piece };
    return bytes.subarray(0, whole);
  }

  #startOf(
    piece: Piece,
    index: number,
    wanted: number,
    beginMs: number,
    isPossible: (timeMs: number, channel: number, wasStray: boolean) => boolean,
  ): number {
    const channel = piece.blocks[index]?.channel ?? 0;
    const end = this.#ends[channel];
    const jitter = (JITTER_MS * this.#rate) / 1000;
    if (end === undefined)
      return Math.max(0, this.#frameOf(this.#firstMs(piece, index, beginMs, isPossible)));
    if (wanted <= end + jitter) return end;
    const lag = this.#lags[channel] ?? 0;
    const wasStray = lag < 0 && Math.abs(end - wanted - lag) <= (STRAY_MS * this.#rate) / 1000;
    const timeMs = this.#agreedMs(piece, index) + this.#offsetMs;
    const told = this.#frameOf(timeMs);
    return isPossible(timeMs, channel, wasStray) && told > end + jitter ? told : end;
  }

  #firstMs(
    piece: Piece,
    index: number,
    beginMs: number,
    isPossible: (timeMs: number, channel: number, wasStray: boolean) => boolean,
  ): number {
    const channel = piece.blocks[index]?.channel ?? 0;
    const ownMs = this.#agreedMs(piece, index);
    const agreedMs = middle(this.#claims(piece, index, 5));
    const isLonely = ownMs < piece.clusterMs - STRAY_MS && ownMs < agreedMs - STRAY_MS;
    const timeMs = (isLonely ? agreedMs : ownMs) + this.#offsetMs;
    return isPossible(timeMs, channel, false) ? timeMs : beginMs;
  }

  /** It says when it begins itself; but not where those behind it say that it must be earlier by far. */
  #agreedMs(piece: Piece, index: number): number {
    const claims = this.#claims(piece, index, 5);
    const ownMs = claims[0] ?? 0;
    return ownMs - middle(claims) > STRAY_MS ? middle(claims) : ownMs;
  }

  #isPossible(
    timeMs: number,
    channel: number,
    wasStray: boolean,
    following: readonly Piece[],
    beginMs: number,
  ): boolean {
    const limits = following
      .filter((piece) => this.#changeOf(piece) >= -CLOCK_JUMP_MS)
      .map((piece) =>
        Math.min(this.#ownMs(piece), (this.#beginOf(piece, channel) ?? Infinity) + this.#offsetMs),
      );
    if (limits.length > 0) return timeMs < Math.min(...limits);
    return !wasStray && timeMs < beginMs + LONGEST_PAUSE_AT_END_MS;
  }

  #beginOf(piece: Piece, channel: number): number | undefined {
    const index = piece.blocks.findIndex((block) => block.channel === channel);
    return index < 0 ? undefined : middle(this.#claims(piece, index, 3));
  }

  /** What some blocks of a track say of when the first of them begins. */
  #claims({ blocks }: Piece, index: number, count: number): number[] {
    const channel = blocks[index]?.channel;
    let sumMs = 0;
    return blocks
      .slice(index)
      .filter((block) => block.channel === channel)
      .slice(0, count)
      .map(({ timeMs, pcm }) => {
        const claimMs = timeMs - sumMs;
        sumMs += this.#msOf(pcm);
        return claimMs;
      });
  }

  #msOf(pcm: Uint8Array): number {
    return (pcm.length / 2 / this.#rate) * 1000;
  }

  #frameOf(timeMs: number): number {
    return Math.round(((timeMs - (this.#originMs ?? 0)) * this.#rate) / 1000);
  }

  #write(channel: 0 | 1, at: number, pcm: Uint8Array): void {
    this.#tracks[channel].put(at, pcm);
    this.#ends[channel] = at + pcm.length / 2;
  }
}

/** The value in the middle, or the lower one of the two there. */
function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? 0;
}

/** A track's samples: what was never put is silence. */
class Track {
  samples = new Uint16Array(4_096);
  length = 0;

  put(at: number, pcm: Uint8Array): void {
    const end = at + (pcm.length >> 1);
    if (end > this.samples.length) {
      const larger = new Uint16Array(2 * end);
      larger.set(this.samples);
      this.samples = larger;
    }
    for (let index = 0; index + 1 < pcm.length; index += 2)
      this.samples[at + index / 2] = (pcm[index] ?? 0) | ((pcm[index + 1] ?? 0) << 8);
    this.length = Math.max(this.length, end);
  }
}

function hashed([left, right]: readonly [Track, Track]): { frames: number; sha256: string } {
  const frames = Math.max(left.length, right.length);
  const samples = new Uint16Array(frames * CHANNELS);
  for (let frame = 0; frame < left.length; frame += 1) samples[frame * CHANNELS] = left.samples[frame] ?? 0;
  for (let frame = 0; frame < right.length; frame += 1)
    samples[frame * CHANNELS + 1] = right.samples[frame] ?? 0;
  return { frames, sha256: createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex') };
}
