/**
 * Fetching fragments from the archive: as persistently as helps, no longer than that, and believing no body that it
 * ended where it should.
 */
import type { Fragment, NumberedFragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { compareFragmentNumbers } from '../../recording/fragment-number.ts';
import { sameBlocks } from '../../recording/tape/better-copy.ts';
import { type MediaArchive, MediaError } from '../media/media.ts';
import type { Clock } from '../runtime/clock.ts';

/** How often the same is asked for. */
const TRIES_MAX = 4;
const FIRST_WAIT_MS = 500;
/** Limits in all, and without a fragment that came: whoever fetches has other work, and little time. */
const TOTAL_MS_MAX = 300_000;
const FRUITLESS_MS_MAX = 120_000;
/** One request that isn't answered must not use up all of that. */
const ANSWER_MS_MAX = 50_000;

export interface ArchiveReaderOptions {
  readonly archive: MediaArchive;
  readonly clock: Clock;
}

type Found = Map<bigint, NumberedFragment>;

export class ArchiveReader {
  readonly #options: ArchiveReaderOptions;
  readonly #beganMs: number;
  #cameMs: number;
  #gaveUp = false;

  constructor(options: ArchiveReaderOptions) {
    this.#options = options;
    this.#beganMs = this.#cameMs = options.clock.now();
  }

  /** The archive refuses everything, or takes too long: nothing more is asked for. */
  hasGivenUp(): boolean {
    return this.#gaveUp;
  }

  /** What the archive still has of these fragments, in order of number; less where it gives up. */
  async fetch(numbers: readonly bigint[]): Promise<NumberedFragment[]> {
    const found: Found = new Map();
    this.#cameMs = this.#options.clock.now();
    try {
      if (!this.#gaveUp) await this.#fetchInto(found, numbers);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#gaveUp = true;
    }
    return [...found.values()].sort((a, b) => compareFragmentNumbers(a.number, b.number));
  }

  async #fetchInto(found: Found, numbers: readonly bigint[], tries = 1): Promise<void> {
    this.#checkTime();
    const before = found.size;
    let opened = false;
    try {
      const body = await this.#open(numbers);
      opened = true;
      const last = await this.#read(body, new Set(numbers), (fragment) => {
        this.#keep(found, fragment);
      });
      const whole = last && (await this.#confirmed(last));
      if (whole) this.#keep(found, whole);
    } catch (error) {
      const rest = numbers.filter((number) => !found.has(number));
      if (rest.length === 0) return;
      if (!opened) await this.#refused(found, rest, tries, error);
      else await this.#brokenOff(found, rest, found.size > before ? 0 : tries, error);
      return;
    }
    // The end of a body doesn't say that there is no more.
    const rest = numbers.filter((number) => !found.has(number));
    if (found.size > before && rest.length > 0) await this.#fetchInto(found, rest);
  }

  /** @throws MediaError, also where no answer comes */
  async #open(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>> {
    const { archive, clock } = this.#options;
    const answered = new AbortController();
    const silence = clock.sleep(ANSWER_MS_MAX, answered.signal).then(() => {
      throw new MediaError('unavailable', 'archived media gave no answer');
    });
    silence.catch(() => undefined);
    try {
      return await Promise.race([archive.fetch(numbers), silence]);
    } finally {
      answered.abort('answered');
    }
  }

  #keep(found: Found, fragment: NumberedFragment): void {
    found.set(fragment.number, fragment);
    this.#cameMs = this.#options.clock.now();
  }

  /** The archive refuses the request. */
  async #refused(found: Found, numbers: readonly bigint[], tries: number, error: unknown): Promise<void> {
    this.#checkTime();
    if (!(error instanceof MediaError)) throw error;
    // It names a fragment that is gone: asking for fewer finds out which.
    if (error.kind === 'positionUnknown') return this.#fetchHalves(found, numbers);
    // It isn't a fragment that is refused but everything: smaller requests would fare no better, and take hours.
    if (error.kind !== 'unavailable' || tries >= TRIES_MAX) throw error;
    await this.#wait(tries);
    return this.#fetchInto(found, numbers, tries + 1);
  }

  /** The body reports an error, breaks off, or can't be read. @param tries without a fragment that came */
  async #brokenOff(found: Found, numbers: readonly bigint[], tries: number, error: unknown): Promise<void> {
    this.#checkTime();
    const isPassing = error instanceof MediaError;
    if (isPassing && error.kind !== 'unavailable' && error.kind !== 'positionUnknown') return;
    const triesMax = isPassing ? TRIES_MAX : 1;
    if (tries >= triesMax && numbers.length > 1) return this.#fetchHalves(found, numbers);
    if (tries >= TRIES_MAX) return;
    await this.#wait(Math.max(1, tries));
    return this.#fetchInto(found, numbers, tries + 1);
  }

  async #fetchHalves(found: Found, numbers: readonly bigint[]): Promise<void> {
    if (numbers.length < 2) return;
    const middle = Math.ceil(numbers.length / 2);
    await this.#fetchInto(found, numbers.slice(0, middle));
    await this.#fetchInto(found, numbers.slice(middle));
  }

  /**
   * Archived fragments have no trailing tags, so that one which is cut behind any of its elements looks whole: it
   * counts when it comes alike once more.
   */
  async #confirmed(fragment: NumberedFragment): Promise<NumberedFragment | undefined> {
    const { number } = fragment;
    let before = fragment;
    for (let tries = 1; tries < TRIES_MAX; tries += 1) {
      const whole: NumberedFragment[] = [];
      try {
        const body = await this.#open([number]);
        const last = await this.#read(body, new Set([number]), (again) => whole.push(again));
        if (last && sameBlocks(last, before)) whole.push(last);
        before = last ?? before;
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        this.#checkTime();
        await this.#wait(tries);
      }
      if (whole[0]) return whole[0];
    }
    return undefined;
  }

  /**
   * @param take is given every fragment that is surely whole
   * @returns the one that the body ended with, where nothing says whether it is
   */
  async #read(
    body: AsyncIterable<Uint8Array>,
    wanted: ReadonlySet<bigint>,
    take: (fragment: NumberedFragment) => void,
  ): Promise<NumberedFragment | undefined> {
    const reader = new FragmentReader();
    for await (const chunk of body) {
      this.#checkTime();
      reader.push(chunk);
      for (let fragment = reader.next(); fragment; fragment = reader.next()) {
        const own = wantedOf(fragment, wanted);
        if (own && own.wholeness !== 'torn') take(own);
      }
    }
    const last = wantedOf(reader.finish(), wanted);
    if (last?.wholeness === 'torn')
      throw new MediaError('unavailable', 'the body ended in the middle of a fragment');
    if (last?.wholeness !== 'tagged') return last;
    take(last);
    return undefined;
  }

  #wait(tries: number): Promise<void> {
    return this.#options.clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
  }

  /** @throws MediaError */
  #checkTime(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#beganMs > TOTAL_MS_MAX || nowMs - this.#cameMs > FRUITLESS_MS_MAX)
      throw new MediaError('unavailable', 'archived media takes too long');
  }
}

function wantedOf(fragment: Fragment | undefined, wanted: ReadonlySet<bigint>): NumberedFragment | undefined {
  if (!fragment || fragment.error) return undefined;
  const { number } = fragment;
  return number !== undefined && wanted.has(number) ? { ...fragment, number } : undefined;
}
