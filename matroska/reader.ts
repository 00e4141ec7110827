/**
 * A GetMedia body, or a tape, as fragments: a run of Matroska documents, one a fragment.
 *
 * Bytes are pushed as they come, in chunks of any size, down to single bytes. Fragments are views of them
 * ({@link ByteQueue}), and stay valid for as long as they are held.
 * A fragment is handed out with the last byte of its trailing tags, not with the beginning of the next one; what
 * follows them in its Segment (Void, Cues, an unknown element) is checked, and belongs to no fragment.
 */
import { ByteQueue, GATHERED_BELOW_BYTES } from './byte-queue.ts';
import { BadElement, HEADER_BYTES_MAX, newHeader, readHeader, UNKNOWN_SIZE } from './bytes.ts';
import { DocumentBuilder } from './document.ts';
import { ID, isClusterLevel, isGlobal, isTopLevel } from './elements.ts';
import { MalformedError } from './errors.ts';
import type { Fragment, Wholeness } from './fragment.ts';
import { Repeats } from './repeats.ts';

export interface ReaderOptions {
  /** A document's bytes. Kinesis Video Streams takes fragments of up to 50 MB (Developer Guide, "Quotas"). */
  readonly fragmentBytesMax: number;
  /** Chunks smaller than this are copied; others must not be written to for as long as fragments are held. */
  readonly gatheredBelowBytes: number;
}

const DEFAULTS: ReaderOptions = {
  fragmentBytesMax: 64 * 1024 * 1024,
  gatheredBelowBytes: GATHERED_BELOW_BYTES,
};

/** What may follow the trailing tags is small; anything else is no Matroska, and would pass for it with what follows. */
const BETWEEN_BYTES_MAX = 4 * 1024;
/** So is an element that Matroska doesn't know. */
const UNKNOWN_BYTES_MAX = 4 * 1024;

const EBML_HEADER = Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3);

/** The next element stands before or between documents, in the EBML document, in the Segment, or in a Cluster. */
type Level = 'between' | 'document' | 'segment' | 'cluster';

export class FragmentReader {
  readonly #fragmentBytesMax: number;
  readonly #queue: ByteQueue;
  /** Offset in the body of the document's first byte. */
  #start = 0;

  #level: Level = 'between';
  readonly #repeats: Repeats;
  #document: DocumentBuilder;
  /** The ends of masters of known size, as offsets in the body; Infinity where unknown. */
  #segmentEnd = Infinity;
  #clusterEnd = Infinity;
  /** A document went before, whose last elements may follow its trailing tags. */
  #afterDocument = false;
  readonly #header = newHeader();
  #failure: MalformedError | undefined;
  /** What can't be read is being passed over, from this offset on. */
  #seekingFrom: number | undefined;

  /** @param repeats what bodies before this one have said, where they are likely to be of the same stream */
  constructor(options: Partial<ReaderOptions> = {}, repeats = new Repeats()) {
    const { fragmentBytesMax, gatheredBelowBytes } = { ...DEFAULTS, ...options };
    this.#repeats = repeats;
    this.#document = new DocumentBuilder(repeats);
    this.#fragmentBytesMax = fragmentBytesMax;
    this.#queue = new ByteQueue(gatheredBelowBytes);
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#queue.received;
  }

  /** The number of the fragment that is coming, once its head tags are there. */
  get pendingNumber(): bigint | undefined {
    return this.#document.number;
  }

  /** A document has begun to come that isn't whole yet. */
  get isMidway(): boolean {
    if (this.#seekingFrom !== undefined) return false;
    return this.#level !== 'between' || this.#queue.available > 0;
  }

  /** Takes the next bytes of the body. They must not be written to any more: fragments are views of them. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /**
   * @returns the next fragment, or undefined when more bytes are needed.
   * @throws MalformedError, from then on always, unless that is passed over.
   */
  next(): Fragment | undefined {
    return this.#guarded(() => {
      if (this.#seekingFrom !== undefined && !this.#seek()) return undefined;
      for (;;) {
        const result = this.#step();
        if (result === 'more') return undefined;
        if (result !== 'taken') return result;
      }
    });
  }

  /**
   * The body is over, after {@link next} has returned undefined. @returns what had come of a last fragment:
   * `structural`, or `torn` and cut back to its last complete element; undefined when nothing is pending.
   */
  finish(): Fragment | undefined {
    return this.#guarded(() => {
      if (this.#level === 'between') return undefined;
      const { available } = this.#queue;
      const complete = available === 0 && !this.#isUnfinished();
      const fragment = this.#deliver(complete ? 'structural' : 'torn', available);
      this.#queue.skipAll();
      return fragment;
    });
  }

  /** Goes on behind a MalformedError, with the next thing that looks like an EBML header. */
  passOver(): void {
    if (!this.#failure) return;
    this.#seekingFrom = Math.max(this.#failure.offset, this.#queue.offset) + 1;
    this.#failure = undefined;
    this.#begin(this.#queue.offset);
  }

  #seek(): boolean {
    const found = this.#queue.seek(this.#seekingFrom ?? 0, EBML_HEADER);
    this.#start = this.#queue.offset;
    if (found) this.#seekingFrom = undefined;
    return found;
  }

  #guarded(read: () => Fragment | undefined): Fragment | undefined {
    if (this.#failure) throw this.#failure;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadElement)) throw error;
      this.#failure = new MalformedError(error.message, this.#queue.offsetOf(error.at), this.pendingNumber);
      throw this.#failure;
    }
  }

  /** Takes one element, or the header of a master. */
  #step(): Fragment | 'taken' | 'more' {
    if (this.#level === 'cluster') this.#takeBlocks();
    this.#leaveEnded();
    if (this.#queue.offset >= this.#segmentEnd) return this.#deliver('structural');
    if (!this.#readHeader()) return 'more';
    const { id } = this.#header;
    if (id === ID.EBML && this.#level !== 'between') {
      return this.#deliver(this.#isUnfinished() ? 'torn' : 'structural');
    }
    if (this.#level === 'cluster' && this.#clusterEnd === Infinity && isTopLevel(id)) this.#level = 'segment';
    return this.#enterMaster() ? 'taken' : this.#takeElement();
  }

  /** Blocks are nearly all of a body: those that lie in one piece are taken here, all others as any element is. */
  #takeBlocks(): void {
    const queue = this.#queue;
    const { bytes } = queue;
    const header = this.#header;
    const limit = Math.min(this.#clusterEnd, this.#segmentEnd, this.#start + this.#fragmentBytesMax);
    const end = Math.min(queue.end, limit - queue.offsetOf(0));
    while (bytes[queue.at] === ID.SimpleBlock && readHeader(bytes, queue.at, end, header)) {
      const blockEnd = header.payload + header.size;
      if (header.size === UNKNOWN_SIZE || blockEnd > end) return;
      this.#document.addBlock(bytes, header.payload, blockEnd);
      queue.at = blockEnd;
    }
  }

  /** @returns false when it has not come whole. */
  #readHeader(): boolean {
    const queue = this.#queue;
    if (readHeader(queue.bytes, queue.at, queue.end, this.#header)) return true;
    // It may go on in the next chunk.
    return (
      queue.reach(Math.min(HEADER_BYTES_MAX, queue.available)) &&
      readHeader(queue.bytes, queue.at, queue.end, this.#header)
    );
  }

  /** Masters of unknown size, and those that are read as they come: only their header is taken. */
  #enterMaster(): boolean {
    const { id, size, payload } = this.#header;
    const queue = this.#queue;
    const end = size === UNKNOWN_SIZE ? Infinity : queue.offsetOf(payload) + size;
    if (id === ID.Segment && this.#level === 'document') {
      this.#level = 'segment';
      this.#segmentEnd = end;
    } else if (id === ID.Cluster && this.#level === 'segment') {
      if (end > this.#segmentEnd && end !== Infinity)
        throw new BadElement('a Cluster is larger than its Segment', queue.at);
      this.#level = 'cluster';
      this.#clusterEnd = end;
      this.#document.beginCluster();
    } else return false;
    if (size !== UNKNOWN_SIZE) this.#checkSize(end);
    queue.at = payload;
    return true;
  }

  #takeElement(): Fragment | 'taken' | 'more' {
    const { id, size, payload } = this.#header;
    const queue = this.#queue;
    this.#checkAllowed(id);
    if (size === UNKNOWN_SIZE) {
      throw new BadElement('only a Segment or a Cluster may be of unknown size', queue.at);
    }
    this.#checkLikely(id, size);
    const headerBytes = payload - queue.at;
    this.#checkSize(queue.offsetOf(payload) + size);
    this.#checkFits(queue.offsetOf(payload) + size);
    if (!queue.reach(headerBytes + size)) return 'more';
    if (this.#level === 'between') {
      this.#takeBetween(id, headerBytes + size);
      return 'taken';
    }
    const from = queue.at + headerBytes;
    const end = from + size;
    if (this.#level === 'cluster') this.#document.addToCluster(id, queue.bytes, from, end);
    else this.#document.addTopLevel(id, queue.bytes, from, end);
    queue.at = end;
    return this.#isOver() ? this.#deliver('structural') : 'taken';
  }

  /** An EBML header begins a document; anything else there belongs to none. */
  #takeBetween(id: number, bytes: number): void {
    this.#queue.at += bytes;
    if (id === ID.EBML) {
      this.#level = 'document';
    } else {
      this.#start = this.#queue.offset;
      this.#queue.forget(this.#start);
    }
  }

  /**
   * Nothing that matters follows an error report, nor the trailing tags in a Segment of unknown size; but without a
   * Cluster they may turn out to be leading tags, so the next document or the end of the body decides.
   */
  #isOver(): boolean {
    const { failed, tagged, hasCluster } = this.#document;
    return failed || (tagged && hasCluster && this.#segmentEnd === Infinity);
  }

  /** A Segment of known size ends its last Cluster too. */
  #leaveEnded(): void {
    if (this.#queue.offset < Math.min(this.#clusterEnd, this.#segmentEnd)) return;
    this.#level = 'segment';
    this.#clusterEnd = Infinity;
  }

  /** Tells whether the document must go on by its own sizes; one of unknown sizes may end after any element. */
  #isUnfinished(): boolean {
    // What has ended is left behind by then.
    return this.#level === 'document' || this.#clusterEnd !== Infinity || this.#segmentEnd !== Infinity;
  }

  #checkAllowed(id: number): void {
    if (isGlobal(id)) return;
    if (this.#level === 'document') {
      throw new BadElement(`a Segment is expected after the EBML header, not ${named(id)}`, this.#queue.at);
    }
    if (this.#level === 'between') {
      const isLastOfSegment = this.#afterDocument && id !== ID.Cluster;
      if (id === ID.EBML || (isLastOfSegment && id !== ID.Segment && !isClusterLevel(id))) return;
      throw new BadElement(`an EBML header is expected here, not ${named(id)}`, this.#queue.at);
    }
    const isMisplaced = this.#level === 'cluster' ? isTopLevel(id) : isClusterLevel(id);
    if (isMisplaced || id === ID.Segment)
      throw new BadElement(`${named(id)} stands where it can’t`, this.#queue.at);
  }

  /**
   * Before the payload is waited for, so that an absurd size fails at once and memory stays bounded.
   * @param end offset in the body
   */
  #checkSize(end: number): void {
    const most = this.#fragmentBytesMax;
    if (end - this.#start > most) {
      throw new BadElement(`an element makes its fragment larger than ${most} bytes`, this.#queue.at);
    }
  }

  /** What is no Matroska may look like a large element of which nothing is known, and swallow the fragments behind it. */
  #checkLikely(id: number, size: number): void {
    const { at } = this.#queue;
    if (this.#level === 'between' && id !== ID.EBML && size > BETWEEN_BYTES_MAX)
      throw new BadElement(`${named(id)} of ${size} bytes is too large to stand between fragments`, at);
    const isKnown = id === ID.EBML || isTopLevel(id) || isClusterLevel(id) || isGlobal(id);
    if (!isKnown && size > UNKNOWN_BYTES_MAX)
      throw new BadElement(`${named(id)} of ${size} bytes is too large for an unknown element`, at);
  }

  #checkFits(end: number): void {
    if (end > this.#clusterEnd) {
      throw new BadElement('an element is larger than its Cluster', this.#queue.at);
    }
    if (end > this.#segmentEnd) {
      throw new BadElement('an element is larger than its Segment', this.#queue.at);
    }
  }

  /** Hands out the bytes from the document's first to the last element taken, and begins anew. */
  #deliver(wholeness: Wholeness, tornBytes = 0): Fragment {
    const tagged = this.#document.tagged ? 'tagged' : wholeness;
    const { offset } = this.#queue;
    const pieces = this.#queue.slice(this.#start, offset);
    const fragment = this.#document.build({ pieces, offset: this.#start, wholeness: tagged, tornBytes });
    this.#queue.forget(offset);
    this.#begin(offset);
    this.#afterDocument = true;
    return fragment;
  }

  #begin(offset: number): void {
    this.#start = offset;
    this.#level = 'between';
    this.#document = new DocumentBuilder(this.#repeats);
    this.#segmentEnd = Infinity;
    this.#clusterEnd = Infinity;
  }
}

function named(id: number): string {
  return `element 0x${id.toString(16)}`;
}
