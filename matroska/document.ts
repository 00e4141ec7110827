/** Collects what one Matroska document says, element by element, while its bytes are still coming. */
import {
  BadElement,
  forEachChild,
  readInt16,
  readString,
  readUint,
  readVint,
  UNKNOWN_SIZE,
  vintLength,
} from './bytes.ts';
import { ID } from './elements.ts';
import type { Block, Fragment, TrackEntry, Wholeness } from './fragment.ts';
import * as tags from './tags.ts';

/** Far beyond anything that Connect or Kinesis Video Streams writes; they bound memory against hostile bytes. */
export const COUNT_LIMITS = { blocks: 100_000, tags: 1_000, tracks: 128, textBytes: 65_536 } as const;

const NANOSECONDS_PER_MS = 1_000_000;
/** The bits of a block's flags that say how it is laced (RFC 9559, section 10.1). */
const LACING = 0x06;

/** Bytes of a SegmentUUID (RFC 9559, section 5.1.2.1) and, at most, of an unsigned integer (RFC 8794, section 7.2). */
const UUID_BYTES = 16;
const UINT_BYTES_MAX = 8;

export class DocumentBuilder {
  #segmentUid: string | undefined;
  #timestampScale = NANOSECONDS_PER_MS;
  #clusterTimestamp: number | undefined;
  readonly #tracks: TrackEntry[] = [];
  readonly #tags = new Map<string, string>();
  /** Positions are relative to the document's first byte. */
  readonly #blocks: Block[] = [];
  #hasCluster = false;
  #tagged = false;

  /** The trailing tags have come, and no Cluster after them: the fragment is whole. */
  get tagged(): boolean {
    return this.#tagged;
  }

  get hasCluster(): boolean {
    return this.#hasCluster;
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
    this.#hasCluster = true;
    this.#tagged = false;
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
    else if (id === ID.Timestamp) this.#clusterTimestamp = uint(bytes, payload, end, 'a Cluster Timestamp');
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
      if (id === ID.SegmentUUID) this.#segmentUid = uuid(bytes, payload, end);
      if (id === ID.TimestampScale) this.#timestampScale = timestampScale(bytes, payload, end);
    });
  }

  #addTracks(bytes: Uint8Array, from: number, to: number): void {
    forEachChild(bytes, from, to, (id, payload, end) => {
      if (id !== ID.TrackEntry) return;
      if (this.#tracks.length >= COUNT_LIMITS.tracks)
        throw new BadElement('there are too many tracks', payload);
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
    let name = '';
    let value = '';
    forEachChild(bytes, from, to, (id, payload, end) => {
      if (id === ID.TagName) name = text(bytes, payload, end, 'a TagName');
      if (id === ID.TagString) value = text(bytes, payload, end, 'a TagString');
    });
    if (this.#tags.size >= COUNT_LIMITS.tags && !this.#tags.has(name))
      throw new BadElement('there are too many tags', from);
    this.#tags.set(name, value);
    if (name === tags.TAG.continuationToken) this.#tagged = true;
  }

  #addBlock(bytes: Uint8Array, payload: number, end: number, base: number): void {
    if (this.#clusterTimestamp === undefined)
      throw new BadElement('a block comes before its Cluster’s Timestamp', payload);
    if (this.#blocks.length >= COUNT_LIMITS.blocks)
      throw new BadElement('there are too many blocks', payload);
    const trackLength = payload < end ? vintLength(bytes[payload] ?? 0) : 9;
    const headerEnd = payload + trackLength + 3;
    if (trackLength > 8 || headerEnd > end) {
      throw new BadElement('a block is shorter than its header', payload);
    }
    if (((bytes[headerEnd - 1] ?? 0) & LACING) !== 0) {
      throw new BadElement(
        'a block is laced, which Kinesis Video Streams never does: it is refused, not guessed at',
        payload,
      );
    }
    const ticks = this.#clusterTimestamp + readInt16(bytes, headerEnd - 3);
    this.#blocks.push({
      trackNumber: blockTrackNumber(bytes, payload, trackLength),
      timeMs: ticksToMs(ticks, this.#timestampScale),
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
    if (id === ID.TrackNumber) trackNumber = uint(bytes, payload, end, 'a TrackNumber');
    if (id === ID.Name) name = text(bytes, payload, end, 'a track’s Name');
    if (id === ID.CodecID) codecId = text(bytes, payload, end, 'a CodecID');
    if (id === ID.ContentEncodings) encoded = true;
  });
  return {
    trackNumber,
    encoded,
    ...(name !== undefined && { name }),
    ...(codecId !== undefined && { codecId }),
  };
}

/** Unlike a size, a track number may be all ones: muxers write track 127 as the single byte 0xFF. */
function blockTrackNumber(bytes: Uint8Array, at: number, length: number): number {
  const value = readVint(bytes, at, length);
  return safe(value === UNKNOWN_SIZE ? 2 ** (7 * length) - 1 : value, at, 'a track number');
}

/** Exact where it is a whole number of ms, unlike `ticks * scale / 1,000,000`: the product goes beyond 2^53. */
function ticksToMs(ticks: number, scale: number): number {
  return scale >= NANOSECONDS_PER_MS
    ? ticks * (scale / NANOSECONDS_PER_MS)
    : ticks / (NANOSECONDS_PER_MS / scale);
}

/** An empty element has its default value (RFC 8794, section 6.1). */
function timestampScale(bytes: Uint8Array, payload: number, end: number): number {
  if (payload === end) return NANOSECONDS_PER_MS;
  const scale = uint(bytes, payload, end, 'a TimestampScale');
  if (scale === 0) throw new BadElement('a TimestampScale is 0', payload);
  return scale;
}

function uint(bytes: Uint8Array, payload: number, end: number, what: string): number {
  if (end - payload > UINT_BYTES_MAX) {
    throw new BadElement(`${what} is longer than ${UINT_BYTES_MAX} bytes`, payload);
  }
  return safe(readUint(bytes, payload, end), payload, what);
}

function safe(value: number, at: number, what: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new BadElement(`${what} is beyond 2^53`, at);
}

function text(bytes: Uint8Array, payload: number, end: number, what: string): string {
  if (end - payload > COUNT_LIMITS.textBytes) {
    throw new BadElement(`${what} is longer than ${COUNT_LIMITS.textBytes} bytes`, payload);
  }
  return readString(bytes, payload, end);
}

function uuid(bytes: Uint8Array, payload: number, end: number): string {
  if (end - payload > UUID_BYTES) {
    throw new BadElement(`a SegmentUUID is longer than ${UUID_BYTES} bytes`, payload);
  }
  let hex = '';
  for (const byte of bytes.subarray(payload, end)) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
