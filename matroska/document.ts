/** Collects what one Matroska document says, element by element, while its bytes are still coming. */
import { BadElement, newHeader, readChild, readInt16, readVint, UNKNOWN_SIZE, vintLength } from './bytes.ts';
import { ID } from './elements.ts';
import type { Block, Fragment, TrackEntry } from './fragment.ts';
import type { Repeats } from './repeats.ts';
import {
  COUNT_LIMITS,
  NANOSECONDS_PER_MS,
  readSafeUint,
  safe,
  type Statement,
  TOO_MANY,
} from './statement.ts';
import * as tags from './tags.ts';

/** The bits of a block's flags that say how it is laced (RFC 9559, section 10.1). */
const LACING = 0x06;

export class DocumentBuilder {
  readonly #repeats: Repeats;
  #segmentUid: string | undefined;
  #timestampScale = NANOSECONDS_PER_MS;
  #clusterTimestamp: number | undefined;
  #firstClusterTimestamp: number | undefined;
  readonly #tracks: TrackEntry[] = [];
  readonly #tags = new Map<string, string>();
  readonly #blocks: Block[] = [];
  #hasCluster = false;
  #tagged = false;
  #failed = false;

  /** @param repeats of the documents before, of this body or of others */
  constructor(repeats: Repeats) {
    this.#repeats = repeats;
    repeats.rewind();
  }

  /** The trailing tags have come, and no Cluster after them: the fragment is whole. */
  get tagged(): boolean {
    return this.#tagged;
  }

  get hasCluster(): boolean {
    return this.#hasCluster;
  }

  /** The service reports an error in this document; nothing more need come. */
  get failed(): boolean {
    return this.#failed;
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
    if (id !== ID.Info && id !== ID.Tracks && id !== ID.Tags) return;
    this.#add(this.#repeats.read(id, bytes, payload, end), payload);
  }

  /** Takes a complete child of a Cluster. @throws BadElement */
  addToCluster(id: number, bytes: Uint8Array, payload: number, end: number): void {
    if (id === ID.SimpleBlock) this.addBlock(bytes, payload, end);
    else if (id === ID.Timestamp) {
      this.#clusterTimestamp = readSafeUint(bytes, payload, end, 'a Cluster Timestamp');
      this.#firstClusterTimestamp ??= this.#clusterTimestamp;
    } else if (id === ID.BlockGroup) {
      const child = newHeader();
      for (let at = payload, childEnd; at < end; at = childEnd) {
        childEnd = readChild(bytes, at, end, child);
        if (child.id === ID.Block) this.addBlock(bytes, child.payload, childEnd);
      }
    }
  }

  build(document: Pick<Fragment, 'pieces' | 'offset' | 'wholeness' | 'tornBytes'>): Fragment {
    return {
      ...document,
      segmentUid: this.#segmentUid,
      tracks: this.#tracks,
      tags: this.#tags,
      blocks: this.#blocks,
      clusterMs: this.#clusterMs(),
      number: this.number,
      serverTimestampMs: tags.serverTimestampOf(this.#tags),
      producerTimestampMs: tags.producerTimestampOf(this.#tags),
      continuationToken: this.#tags.get(tags.TAG.continuationToken),
      millisBehindNow: tags.millisBehindNowOf(this.#tags),
      error: tags.streamErrorOf(this.#tags),
    };
  }

  #clusterMs(): number | undefined {
    const ticks = this.#firstClusterTimestamp;
    return ticks === undefined ? undefined : ticksToMs(ticks, this.#timestampScale);
  }

  /** @param payload where the element's payload begins */
  #add(statement: Statement, payload: number): void {
    const { segmentUid, timestampScale, tracks, tags: simpleTags, fault } = statement;
    this.#segmentUid = segmentUid ?? this.#segmentUid;
    this.#timestampScale = timestampScale ?? this.#timestampScale;
    for (const { entry, at } of tracks) {
      if (this.#tracks.length >= COUNT_LIMITS.tracks) throw new BadElement(TOO_MANY.tracks, payload + at);
      this.#tracks.push(entry);
    }
    for (const { name, value, at } of simpleTags) {
      if (this.#tags.size >= COUNT_LIMITS.tags && !this.#tags.has(name))
        throw new BadElement(TOO_MANY.tags, payload + at);
      this.#tags.set(name, value);
      if (name === tags.TAG.continuationToken) this.#tagged = true;
      if (tags.tellsOfError(name)) this.#failed = true;
    }
    if (fault) throw fault;
  }

  /** Takes the payload of a complete SimpleBlock or Block. @throws BadElement */
  addBlock(bytes: Uint8Array, payload: number, end: number): void {
    if (this.#clusterTimestamp === undefined)
      throw new BadElement('a block comes before its Cluster’s Timestamp', payload);
    if (this.#blocks.length >= COUNT_LIMITS.blocks)
      throw new BadElement('there are too many blocks', payload);
    const trackLength = vintLength(bytes[payload] ?? 0);
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
      audio: bytes.subarray(headerEnd, end),
    });
  }
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
