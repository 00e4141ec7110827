/** Fragments that are held until those that tell of them have come, and until one has told the sample rate. */
import { byteLengthOf, type NumberedFragment } from '../../matroska/fragment.ts';
import { FRAGMENTS_AHEAD } from './clock-anchor.ts';
import { Lookahead } from './lookahead.ts';
import { pcmFormatOf } from './pcm.ts';

/** Fragments that are held while none of them has told the sample rate. */
const HELD_WITHOUT_RATE = 64;
const HELD_BYTES_MAX = 16 * 1024 * 1024;

export class FragmentsAhead {
  readonly #ahead = new Lookahead<NumberedFragment>(FRAGMENTS_AHEAD, HELD_BYTES_MAX, byteLengthOf);
  #sampleRate: number | undefined;

  /** @param sampleRate the recording's, where it is known already */
  constructor(sampleRate?: number) {
    this.#sampleRate = sampleRate;
  }

  /** In order. */
  get held(): readonly NumberedFragment[] {
    return this.#ahead.held;
  }

  /** Undefined while none has told it. */
  get sampleRate(): number | undefined {
    return this.#sampleRate;
  }

  /** The sample rate has been settled, also where none of them tells it. */
  settleRate(sampleRate: number): void {
    this.#sampleRate ??= sampleRate;
  }

  /** Takes the next one. @returns whether those that are held can be placed: the sample rate is told, or won't be */
  push(fragment: NumberedFragment): boolean {
    this.#ahead.push(fragment);
    return this.#isRateTold();
  }

  /** @returns the first one, if enough follow it: {@link held} is then what follows. */
  next(): NumberedFragment | undefined {
    return this.#ahead.next();
  }

  /** @returns the first one, however few follow it. */
  rest(): NumberedFragment | undefined {
    return this.#ahead.rest();
  }

  /** One that broke off before its tags doesn't tell it; then it is the others'. */
  #isRateTold(): boolean {
    if (this.#sampleRate !== undefined) return true;
    const { held, isFull } = this.#ahead;
    const told = held.map(pcmFormatOf).find((format) => format !== undefined && 'sampleRate' in format);
    if (told !== undefined && 'sampleRate' in told) this.#sampleRate = told.sampleRate;
    return told !== undefined || isFull || held.length >= HELD_WITHOUT_RATE;
  }
}
