/** Fragments gathered into segments, each of which becomes one object of the tape. Pure. */
import { byteLengthOf, type NumberedFragment } from '../../matroska/fragment.ts';
import { positionAfter } from '../../reading/position.ts';
import { lengthMsOf } from '../../recording/audio/pcm.ts';
import type { Position } from '../../recording/checkpoint.ts';
import { contactIdOf } from '../../recording/ownership.ts';
import type { KeptFragment } from '../sinks/fragment-sink.ts';

/** A segment is cut sooner when it has this much. */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** A segment is cut after this many times its length, however little has come. */
const AGE_FACTOR = 2;

export interface Segment {
  readonly source: KeptFragment['source'];
  readonly first: bigint;
  readonly fragments: number;
  readonly bytes: number;
  readonly mediaMs: number;
  /** When its last fragment came: epoch ms. */
  readonly lastCameAtMs: number;
  /** After its last fragment. */
  readonly position: Position;
  /** How far behind the stream's head that was, in ms. */
  readonly behindMs: number;
  /** What is to be stored. */
  readonly content: Uint8Array;
}

interface OpenSegment {
  readonly first: bigint;
  readonly sinceMs: number;
  /** All that is kept of the others, so that what was read out of them is forgotten while it is young. */
  readonly pieces: Uint8Array[];
  last: NumberedFragment;
  fragments: number;
  bytes: number;
  mediaMs: number;
  lastCameAtMs: number;
}

/** What comes from one source. */
export class SegmentCutter {
  readonly #source: KeptFragment['source'];
  readonly #segmentMs: number;
  /** By which fragments without a ContactId are told to be the recording's, as the last one that has one says. */
  #segmentUid: string | undefined;
  #open: OpenSegment | undefined;

  /** @param segmentMs media in a segment. @param position where it goes on, if it does */
  constructor(source: KeptFragment['source'], segmentMs: number, position?: Position) {
    this.#source = source;
    this.#segmentMs = segmentMs;
    this.#segmentUid = position?.lastSegmentUid;
  }

  /** Takes the next fragment. @returns the segment that is full with it */
  add(fragment: NumberedFragment, nowMs: number): Segment | undefined {
    const open = (this.#open ??= begin(fragment, nowMs));
    open.last = fragment;
    if (this.#segmentUid === undefined || contactIdOf(fragment) !== undefined)
      this.#segmentUid = fragment.segmentUid;
    open.fragments += 1;
    open.pieces.push(...fragment.pieces);
    open.bytes += byteLengthOf(fragment);
    open.mediaMs += lengthMsOf(fragment);
    open.lastCameAtMs = nowMs;
    const isFull = open.mediaMs >= this.#segmentMs || open.bytes >= SEGMENT_BYTES_MAX;
    return isFull ? this.cut() : undefined;
  }

  /** What little has come, when it has waited long enough. */
  cutIfOld(nowMs: number): Segment | undefined {
    const isOld = this.#open !== undefined && nowMs - this.#open.sinceMs >= AGE_FACTOR * this.#segmentMs;
    return isOld ? this.cut() : undefined;
  }

  /** All that has come; undefined where there is nothing. */
  cut(): Segment | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return undefined;
    const { first, fragments, bytes, mediaMs, lastCameAtMs, last, pieces } = open;
    return {
      source: this.#source,
      first,
      fragments,
      bytes,
      mediaMs,
      lastCameAtMs,
      position: {
        ...positionAfter(last),
        ...(this.#segmentUid !== undefined && { lastSegmentUid: this.#segmentUid }),
      },
      behindMs: last.millisBehindNow ?? 0,
      content: Buffer.concat(pieces),
    };
  }
}

function begin(first: NumberedFragment, nowMs: number): OpenSegment {
  return {
    first: first.number,
    sinceMs: nowMs,
    pieces: [],
    last: first,
    fragments: 0,
    bytes: 0,
    mediaMs: 0,
    lastCameAtMs: nowMs,
  };
}
