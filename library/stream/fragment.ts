/** A fragment, as whoever reads a stream is given it. */

/** Where a reading has come to: JSON, to go on from another time (`after`). */
export interface StreamPosition {
  readonly fragmentNumber: string;
  readonly continuationToken?: string;
  /** Epoch ms; used when the stream doesn't know the number any more. */
  readonly serverTimestampMs?: number;
}

export interface StreamBlock {
  /** Epoch ms by the producer's clock. */
  readonly timeMs: number;
  /** Its payload: of Connect's, 16-bit little-endian PCM. A view: keep a copy of what is to outlive the fragment. */
  readonly data: Uint8Array;
}

export interface StreamTrack {
  readonly trackNumber: number;
  /** Of Connect's: AUDIO_FROM_CUSTOMER or AUDIO_TO_CUSTOMER. */
  readonly name: string | undefined;
  readonly codecId: string | undefined;
  readonly codecPrivate: Uint8Array | undefined;
  /** What the track says of its samples; Connect's say it in the tag MimeType. */
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
  readonly bitDepth: number | undefined;
  /** In the order in which they stand in the fragment. */
  readonly blocks: readonly StreamBlock[];
}

export interface StreamFragment {
  /** About 47 digits; a stream's numbers rise, but are not one apart. */
  readonly number: bigint;
  /** Epoch ms by the service's clock: when it began to come. */
  readonly serverTimestampMs: number | undefined;
  /** Epoch ms. */
  readonly producerTimestampMs: number | undefined;
  /** The last value of each name. */
  readonly tags: ReadonlyMap<string, string>;
  /** Of Connect's. */
  readonly contactId: string | undefined;
  readonly tracks: readonly StreamTrack[];
  /** False: it broke off and could not be read again; its complete blocks are here. */
  readonly isWhole: boolean;
  /** How far behind the stream's head it was read. */
  readonly behindMs: number;
  /** To go on behind it. */
  readonly position: StreamPosition;
  /** The Matroska document verbatim. */
  document(): Uint8Array;
}
