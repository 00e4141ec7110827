/** Collects what one Matroska document says, element by element, while its bytes are still coming. */
import { BadElement, forEachChild, readInt16, readString, readUint, readVint, vintLength } from './bytes.ts';
import { ID } from './elements.ts';
import type { Block, Fragment, TrackEntry, Wholeness } from './fragment.ts';
import * as tags from './tags.ts';

/** Far beyond anything that Connect or Kinesis Video Streams writes; they bound memory against hostile bytes. */
export const COUNT_LIMITS = { blocks: 100_000, tags: 1_000, tracks: 128, tagBytes: 65_536 } as const;

const NANOSECONDS_PER_MS = 1_000_000;
/** The bits of a block's flags that say how it is laced (RFC 9559, section 10.1). */
const LACING = 0x06;

/** A block, its position relative to the document's first byte. */
type Placed = Block;

export class DocumentBuilder {
  #segmentUid: string | undefined;
  #timestampScale = NANOSECONDS_PER_MS;
  #clusterTimestamp: number | undefined;
  readonly #tracks: TrackEntry[] = [];
  readonly #tags = new Map<string, string>();
  readonly #blocks: Placed[] = [];

  /** The trailing tags have come: the fragment is whole. */
  get tagged(): boolean {
    return this.#tags.has(tags.TAG.continuationToken);
  }

  /** The service reports an error in this document; nothing more need come. */
  get failed(): boolean {
    return tags.streamErrorOf(this.#tags) !== undefined;
  }

  get number(): bigint | undefined {
    return tags.fragmentNumberOf(this.#tags);
  }

  beginCluster(): void {
    this.#clusterTimestamp = undefined;
  }

  /** Takes a complete child of the Segment. Positions are indices into `bytes`. @throws BadElement */
  addTopLevel(id: number, bytes: Uint8Array, payload: number, end: number): void {
    if (id === ID.Info) this.#addInfo(bytes, payload, end);
    else if (id === ID.Tracks) this.#addTracks(bytes, payload, end);
    else if (id === ID.Tags) this.#addTags(bytes, payload, end);
  }

  /** Takes a complete child of a Cluster. @param base index of the document's first byte. @throws BadElement */
  addToCluster(id: number, bytes: Uint8Array, payload: number, end: number, base: number): void {
    if (id === ID.SimpleBlock) this.#addBlock(bytes, payload, end, base);
    else if (id === ID.Timestamp)
      this.#clusterTimestamp = safe(readUint(bytes, payload, end), 'a Cluster Timestamp');
    else if (id === ID.BlockGroup) {
      forEachChild(bytes, payload, end, (child, from, to) => {
        if (child === ID.Block) this.#addBlock(bytes, from, to, base);
      });
    }
  }

  build(bytes: Uint8Array, offset: number, wholeness: Wholeness): Fragment {
    return {
      bytes,
      offset,
      wholeness,
      segmentUid: this.#segmentUid,
      tracks: this.#tracks,
      tags: this.#tags,
      blocks: this.#blocks,
      number: this.number,
      serverTimestampMs: tags.serverTimestampOf(this.#tags),
      producerTimestampMs: tags.producerTimestampOf(this.#tags),
      continuationToken: this.#tags.get(tags.TAG.continuationToken),
      millisBehindNow: tags.millisBehindNowOf(this.#tags),
      error: tags.streamErrorOf(this.#tags),
    };
  }

  #addInfo(bytes: Uint8Array, from: number, to: number): void {
    forEachChild(bytes, from, to, (id, payload, end) => {
      if (id === ID.SegmentUUID) this.#segmentUid = hex(bytes.subarray(payload, end));
      if (id === ID.TimestampScale)
        this.#timestampScale = safe(readUint(bytes, payload, end), 'a TimestampScale');
    });
    if (this.#timestampScale === 0) throw new BadElement('a TimestampScale is 0');
  }

  #addTracks(bytes: Uint8Array, from: number, to: number): void {
    forEachChild(bytes, from, to, (id, payload, end) => {
      if (id !== ID.TrackEntry) return;
      if (this.#tracks.length >= COUNT_LIMITS.tracks) throw new BadElement('there are too many tracks');
      this.#tracks.push(readTrackEntry(bytes, payload, end));
    });
  }

  #addTags(bytes: Uint8Array, from: number, to: number): void {
    forEachChild(bytes, from, to, (tag, tagPayload, tagEnd) => {
      if (tag !== ID.Tag) return;
      forEachChild(bytes, tagPayload, tagEnd, (id, payload, end) => {
        if (id === ID.SimpleTag) this.#addSimpleTag(bytes, payload, end);
      });
    });
  }

  #addSimpleTag(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > COUNT_LIMITS.tagBytes)
      throw new BadElement(`a tag is larger than ${COUNT_LIMITS.tagBytes} bytes`);
    let name = '';
    let value = '';
    forEachChild(bytes, from, to, (id, payload, end) => {
      if (id === ID.TagName) name = readString(bytes, payload, end);
      if (id === ID.TagString) value = readString(bytes, payload, end);
    });
    if (this.#tags.size >= COUNT_LIMITS.tags && !this.#tags.has(name))
      throw new BadElement('there are too many tags');
    this.#tags.set(name, value);
  }

  #addBlock(bytes: Uint8Array, payload: number, end: number, base: number): void {
    if (this.#clusterTimestamp === undefined)
      throw new BadElement('a block comes before its Cluster’s Timestamp');
    if (this.#blocks.length >= COUNT_LIMITS.blocks) throw new BadElement('there are too many blocks');
    const trackLength = payload < end ? vintLength(bytes[payload] ?? 0) : 9;
    const headerEnd = payload + trackLength + 3;
    if (trackLength > 8 || headerEnd > end) throw new BadElement('a block is shorter than its header');
    if (((bytes[headerEnd - 1] ?? 0) & LACING) !== 0) {
      throw new BadElement(
        'a block is laced, which Kinesis Video Streams never does: it is refused, not guessed at',
      );
    }
    const ticks = this.#clusterTimestamp + readInt16(bytes, headerEnd - 3);
    this.#blocks.push({
      trackNumber: safe(readVint(bytes, payload, trackLength), 'a track number'),
      timeMs: (ticks * this.#timestampScale) / NANOSECONDS_PER_MS,
      start: headerEnd - base,
      end: end - base,
    });
  }
}

function readTrackEntry(bytes: Uint8Array, from: number, to: number): TrackEntry {
  let trackNumber = 0;
  let name: string | undefined;
  let codecId: string | undefined;
  let encoded = false;
  forEachChild(bytes, from, to, (id, payload, end) => {
    if (id === ID.TrackNumber) trackNumber = safe(readUint(bytes, payload, end), 'a TrackNumber');
    if (id === ID.Name) name = readString(bytes, payload, end);
    if (id === ID.CodecID) codecId = readString(bytes, payload, end);
    if (id === ID.ContentEncodings) encoded = true;
  });
  return {
    trackNumber,
    encoded,
    ...(name !== undefined && { name }),
    ...(codecId !== undefined && { codecId }),
  };
}

function safe(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new BadElement(`${what} is beyond 2^53`);
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
