/** What lies on a tape, found by comparing its bytes with the documents that the stream has, and by nothing else. */
import type { Segment } from '../../ports/tape/tape.ts';
import { BEHIND_DIGITS, FORMS, LIVE, type TrueFragment } from './stream.ts';
import { type Piece, type TrueAudio, trueAudio } from './truth.ts';

export class TapeContent {
  readonly #all: readonly TrueFragment[];
  /** Whole blocks of each fragment that the tape has of the best copy. */
  readonly #blocks = new Map<TrueFragment, number>();
  /** Fragments that tell their rate, as far as they are on the tape. */
  readonly #typed = new Set<TrueFragment>();
  /** What was told of some fragments, until there is more on the tape. */
  readonly #told = new Map<readonly TrueFragment[], TrueAudio>();

  constructor(all: readonly TrueFragment[]) {
    this.#all = all;
  }

  /** Fragments of which there is something. */
  get size(): number {
    return this.#blocks.size;
  }

  /** @returns what is wrong with the segment. */
  add({ first, last, bytes }: Segment): string | undefined {
    const expected = this.#all.filter(({ number }) => first <= number && number <= last);
    let at = 0;
    let end: bigint | undefined;
    for (const fragment of expected) {
      const length = this.#take(fragment, bytes.subarray(at));
      if (length === 0) continue;
      if (end === undefined && fragment.number !== first) return 'it begins later than its name says';
      end = fragment.number;
      at += length;
    }
    if (at < bytes.length) return `its bytes from ${at} on are not the stream’s, or not in order`;
    if (end !== last) return 'it ends sooner than its name says';
    return undefined;
  }

  has(fragment: TrueFragment): boolean {
    return this.#blocks.has(fragment);
  }

  /** A fragment of that number, whosever. */
  holds(number: bigint): boolean {
    return [...this.#blocks.keys()].some((fragment) => fragment.number === number);
  }

  hasAllOf(fragment: TrueFragment): boolean {
    return this.#blocks.get(fragment) === fragment.blocks.length;
  }

  #pieceOf(fragment: TrueFragment): Piece[] {
    const count = this.#blocks.get(fragment);
    if (count === undefined) return [];
    const { serverMs, clusterMs, blocks } = fragment;
    return [{ serverMs, clusterMs, blocks: blocks.slice(0, count) }];
  }

  /** What these fragments sound like, as far as the tape has them. @param sampleRate that all have, which one with audio has to tell */
  audioOf(fragments: readonly TrueFragment[], sampleRate: number): TrueAudio {
    const told = this.#told.get(fragments);
    if (told) return told;
    const held = fragments.filter((fragment) => this.#blocks.has(fragment));
    const pieces = held.flatMap((fragment) => this.#pieceOf(fragment));
    const audio = trueAudio(pieces, this.tellsRate(held) ? sampleRate : UNTOLD_RATE);
    this.#told.set(fragments, audio);
    return audio;
  }

  /** One of them has audio, and says at which rate. */
  tellsRate(fragments: readonly TrueFragment[]): boolean {
    return fragments.some((fragment) => this.#typed.has(fragment) && fragment.blocks.length > 0);
  }

  /** @returns how many bytes are of this fragment: a whole document, or the beginning of one. */
  #take(fragment: TrueFragment, bytes: Uint8Array): number {
    for (const form of FORMS) {
      const document = fragment.document(form);
      const shared = sharedLength(document, bytes, form === LIVE ? fragment.behindAt() : undefined);
      const isWhole = shared === document.length;
      const follows = nextDocumentAt(bytes, shared);
      if (!isWhole && (shared < MIN_BYTES || !follows)) continue;
      const blocks = fragment.blocks.filter(({ endsAt }) => endsAt(form) <= shared).length;
      this.#blocks.set(fragment, Math.max(blocks, this.#blocks.get(fragment) ?? 0));
      if (
        isWhole
          ? fragment.plan.untyped !== true
          : TYPE.test(Buffer.from(bytes.subarray(0, shared)).toString('latin1'))
      )
        this.#typed.add(fragment);
      this.#told.clear();
      return shared;
    }
    return 0;
  }
}

/** In the tags of a fragment, which may lie behind its audio. */
const TYPE = /audio\/L16;rate=\d+;channels=1;/;

/** Where no fragment tells it. */
const UNTOLD_RATE = 8_000;

/** An EBML header, and the beginning of a Segment. */
const MIN_BYTES = 48;
const EBML = [0x1a, 0x45, 0xdf, 0xa3] as const;

/** @param behindAt where the document tells how far behind it was, which is another number in each session */
function sharedLength(document: Uint8Array, bytes: Uint8Array, behindAt: number | undefined): number {
  if (behindAt === undefined) return alikeFrom(0, document, bytes);
  const shared = alikeFrom(0, document.subarray(0, behindAt), bytes);
  return shared < behindAt ? shared : alikeFrom(behindAt + BEHIND_DIGITS, document, bytes);
}

/** @returns where they differ, or the shorter one ends */
function alikeFrom(from: number, a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (from >= length) return length;
  if (Buffer.compare(a.subarray(from, length), b.subarray(from, length)) === 0) return length;
  let at = from;
  while (a[at] === b[at]) at += 1;
  return at;
}

/** A document begins there, or the tape object is over. */
function nextDocumentAt(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || EBML.every((byte, index) => bytes[at + index] === byte);
}
