/** A fragment: one Matroska document of a GetMedia body, as Kinesis Video Streams delivers it. */

/** What a TrackEntry says of its samples, each value where it stands there (RFC 9559, section 5.1.4.1.29). */
export interface TrackAudio {
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly bitDepth?: number;
}

/** A TrackEntry (RFC 9559, section 5.1.4.1). */
export interface TrackEntry {
  readonly trackNumber: number;
  readonly name?: string;
  readonly codecId?: string;
  readonly codecPrivate?: Uint8Array;
  readonly audio?: TrackAudio;
  /** True where blocks would have to be decompressed or decrypted first (ContentEncodings). */
  readonly encoded: boolean;
}

/** A SimpleBlock or a Block. */
export interface Block {
  readonly trackNumber: number;
  /** Epoch ms by the producer's clock: (Cluster's Timestamp + the block's own) × TimestampScale. */
  readonly timeMs: number;
  /** The block's payload. */
  readonly audio: Uint8Array;
}

/**
 * - `tagged`: the trailing tags were there; nothing else proves by itself that a fragment is whole
 * - `structural`: every element is complete, but the trailing tags are missing
 * - `torn`: the bytes end inside an element; `blocks` holds the complete ones and `pieces` ends with the last of them
 */
export type Wholeness = 'tagged' | 'structural' | 'torn';

/** An error that Kinesis Video Streams reports inside the stream (GetMedia API reference, "errors"). */
export interface StreamError {
  /** 3002, 4000, 4500… */
  readonly id: number;
  readonly code: string;
}

export interface Fragment {
  /** The document verbatim, in pieces as it came. */
  readonly pieces: readonly Uint8Array[];
  /** The place where it begins in the body. */
  readonly offset: number;
  readonly wholeness: Wholeness;
  /** What had come of the element inside which the bytes end; not in `pieces`. */
  readonly tornBytes: number;
  /** Info's SegmentUID in hex. */
  readonly segmentUid: string | undefined;
  readonly tracks: readonly TrackEntry[];
  /** SimpleTags by name; the last one of a name stands. */
  readonly tags: ReadonlyMap<string, string>;
  readonly blocks: readonly Block[];
  /** The fragment's own time, epoch ms by the producer's clock: its first Cluster's Timestamp. */
  readonly clusterMs: number | undefined;

  readonly number: bigint | undefined;
  /** Epoch ms. */
  readonly serverTimestampMs: number | undefined;
  /** Epoch ms. */
  readonly producerTimestampMs: number | undefined;
  readonly continuationToken: string | undefined;
  readonly millisBehindNow: number | undefined;
  readonly error: StreamError | undefined;
}

/** One whose number is known; whose it is, is another question. */
export type NumberedFragment = Fragment & { readonly number: bigint };

export function isNumbered(fragment: Fragment): fragment is NumberedFragment {
  return fragment.number !== undefined;
}

/** The document verbatim, in one piece. */
export function documentOf({ pieces }: Pick<Fragment, 'pieces'>): Uint8Array {
  const [only, ...more] = pieces;
  return only && more.length === 0 ? only : Buffer.concat(pieces);
}

/** Bytes of the document. */
export function byteLengthOf({ pieces }: Pick<Fragment, 'pieces'>): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
