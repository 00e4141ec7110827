/**
 * Whoever listens, at its strictest: it writes each output where it belongs, and minds that nothing comes twice in one
 * session, nothing is passed over, and nothing is silent untold.
 */
import type { GapWhy, Span } from '../../live/timeline/outputs.ts';
import type { Channel } from '../../recording/audio/pcm.ts';
import { HeardSide } from './heard-side.ts';

export class HeardBySession {
  readonly #find: (what: string) => void;
  readonly #sides = [new HeardSide(), new HeardSide()] as const;
  #session = 0;
  #given = 0;
  /** The first frame that was told not to come any more, the call being over. */
  #cutAt = Infinity;
  #hasLeft = false;

  constructor(find: (what: string) => void) {
    this.#find = find;
  }

  /** One past the last frame that was given. */
  get given(): number {
    return this.#given;
  }

  /** Whoever listens from now on has what is sure, and no more. */
  forgetFrom(frame: number): void {
    if (frame >= this.#given) return;
    this.#given = frame;
    for (const side of this.#sides) side.forgetFrom(frame);
  }

  /** Whoever gave it had to leave when the call was over: nobody comes after it. */
  left(): void {
    this.#hasLeft = true;
  }

  /** Something comes before it is said of what call. */
  untold(): void {
    this.#find('something is given before it is said what call it is');
  }

  start(frame: number): void {
    this.#session += 1;
    if (frame > this.#given) this.#find(`it goes on at frame ${frame}, though ${this.#given} were heard`);
    this.#given = frame;
    for (const side of this.#sides) side.forgetFrom(frame);
  }

  audio(startFrame: number, stereo: Uint8Array): void {
    if (startFrame !== this.#given) this.#find(`audio at ${startFrame}, not at ${this.#given}`);
    const view = new DataView(stereo.buffer, stereo.byteOffset, stereo.byteLength);
    const frames = stereo.length / 4;
    for (const [channel, side] of this.#sides.entries()) {
      side.reach(startFrame + frames);
      let loud: number | undefined;
      for (let frame = 0; frame < frames; frame += 1) {
        const at = startFrame + frame;
        const sample = view.getInt16(4 * frame + 2 * channel, true);
        if (side.told[at] !== this.#session) side.given[at] = this.#session;
        else if (sample !== 0) loud ??= at;
        side.samples[at] = sample;
      }
      if (loud !== undefined) this.#find(`what was told to be missing at ${loud} is not silent`);
    }
    this.#given = startFrame + frames;
  }

  late(channel: Channel, startFrame: number, mono: Uint8Array): void {
    const side = this.#sides[channel];
    const view = new DataView(mono.buffer, mono.byteOffset, mono.byteLength);
    const end = startFrame + mono.length / 2;
    side.reach(end);
    if (end > this.#given) this.#find(`a late block ends at ${end}, behind what was given`);
    const twice = side.firstOf(startFrame, end, (at) => side.given[at] === this.#session);
    if (twice !== undefined) this.#find(`frame ${twice} comes twice`);
    const untold = side.firstOf(startFrame, end, (at) => side.told[at] === 0);
    if (untold !== undefined) this.#find(`what was not told to be missing at ${untold} comes late`);
    for (let at = startFrame; at < end; at += 1) {
      side.given[at] = this.#session;
      side.samples[at] = view.getInt16(2 * (at - startFrame), true);
    }
  }

  gap({ channel, startFrame, frames }: Span, why: GapWhy): void {
    if (why === 'END') this.#cutAt = Math.min(this.#cutAt, startFrame);
    const side = this.#sides[channel];
    const end = startFrame + frames;
    side.reach(end);
    if (why === 'MOVED') this.#takeBack(side, startFrame, end);
    else {
      const at = side.firstOf(startFrame, end, (frame) => this.#isGivenOrTold(side, frame));
      if (at !== undefined) this.#find(`a gap is told at ${at}, where something was given or told`);
    }
    side.told.fill(this.#session, startFrame, end);
  }

  #isGivenOrTold({ given, told }: HeardSide, frame: number): boolean {
    return given[frame] === this.#session || told[frame] === this.#session;
  }

  /**
   * What broke off in the middle of taking something back takes it back once more, in the next session. And all that
   * was given from a frame on may be taken back, with the silence that is in it.
   */
  #takeBack(side: HeardSide, from: number, end: number): void {
    const { given, told, takenBack } = side;
    const wasBefore = (session = 0) => session > 0 && session < this.#session;
    const isAll = end === this.#given;
    const isExcused = (frame: number) => wasBefore(takenBack[frame]) || (isAll && told[frame] !== 0);
    const at = side.firstOf(from, end, (frame) => given[frame] === 0 && !isExcused(frame));
    if (at !== undefined) this.#find(`what was never given at ${at} is taken back`);
    side.samples.fill(0, from, end);
    given.fill(0, from, end);
    takenBack.fill(this.#session, from, end);
  }

  /**
   * @param wav interleaved S16LE. @param mayGoOn whether more may have been heard than it holds
   * @returns where what was heard isn't it; undefined where it is
   */
  differs(wav: Uint8Array, mayGoOn: boolean): string | undefined {
    const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
    const frames = wav.length / 4;
    if (this.#given < Math.min(frames, this.#cutAt)) return `${this.#given} frames were heard of ${frames}`;
    for (const [channel, side] of this.#sides.entries()) {
      side.reach(this.#given);
      const end = mayGoOn ? Math.min(this.#given, frames) : this.#given;
      for (let at = 0; at < end; at += 1) {
        // One that had to leave can give no more of what it has told to be late.
        const isLeft = this.#hasLeft && side.told[at] !== 0 && side.given[at] === 0;
        if (isLeft) continue;
        const expected = at < frames ? view.getInt16(4 * at + 2 * channel, true) : 0;
        if (side.samples[at] !== expected) return `frame ${at} of side ${channel} is not the WAV’s`;
        // Silence that nobody told: nothing of it was given.
        if (side.given[at] === 0 && side.told[at] === 0)
          return `frame ${at} of side ${channel} was never given`;
      }
    }
    return undefined;
  }
}
