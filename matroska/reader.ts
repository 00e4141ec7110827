/**
 * A GetMedia body, or a tape, as fragments: a run of Matroska documents, one a fragment.
 *
 * Bytes are pushed as they come, in chunks of any size, down to single bytes. Each is copied once, into an arena
 * that fragments are views of; it is never written to again, so a fragment stays valid for as long as it is held. A
 * body that is there already is not copied: fragments are views of it.
 * A fragment is handed out with the last byte of its trailing tags, not with the beginning of the next one; what
 * follows them in its Segment (Void, Cues, an unknown element) is checked, and belongs to no fragment.
 */
import { BadElement, type ElementHeader, readHeader, UNKNOWN_SIZE } from './bytes.ts';
import { DocumentBuilder } from './document.ts';
import { ID, isClusterLevel, isGlobal, isTopLevel } from './elements.ts';
import { MalformedError } from './errors.ts';
import type { Fragment, Wholeness } from './fragment.ts';

export interface ReaderLimits {
  /** A document's bytes. Kinesis Video Streams takes fragments of up to 50 MB (Developer Guide, "Quotas"). */
  readonly fragmentBytesMax: number;
}

const DEFAULT_LIMITS: ReaderLimits = { fragmentBytesMax: 64 * 1024 * 1024 };
const ARENA_BYTES = 256 * 1024;

/** Where the next element stands: before or between documents, in the EBML document, in the Segment, in a Cluster. */
type Level = 'between' | 'document' | 'segment' | 'cluster';

export class FragmentReader {
  readonly #limits: ReaderLimits;
  #arena: Uint8Array = new Uint8Array(0);
  /** Indices into the arena: the document's first byte, the next element, the end of what has come. */
  #start = 0;
  #at = 0;
  #end = 0;
  /** Offset in the body of the arena's index 0. */
  #arenaOffset = 0;

  #level: Level = 'between';
  #document = new DocumentBuilder();
  /** Where masters of known size end, as offsets in the body; Infinity where unknown. */
  #segmentEnd = Infinity;
  #clusterEnd = Infinity;
  /** A document went before, whose last elements may follow its trailing tags. */
  #afterDocument = false;
  readonly #header: ElementHeader = { id: 0, size: 0, payload: 0 };
  #failure: MalformedError | undefined;

  constructor(limits: Partial<ReaderLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** A reader of all of a body that is in memory. The body must not be written to for as long as fragments are held. */
  static of(body: Uint8Array, limits: Partial<ReaderLimits> = {}): FragmentReader {
    const reader = new FragmentReader(limits);
    reader.#arena = body;
    reader.#end = body.length;
    return reader;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#arenaOffset + this.#end;
  }

  /** The number of the fragment that is coming, once its head tags are there. */
  get pendingNumber(): bigint | undefined {
    return this.#document.number;
  }

  /** A document has begun to come that isn't whole yet. */
  get isMidway(): boolean {
    return this.#level !== 'between' || this.#at < this.#end;
  }

  /** Takes the next bytes of the body. They are copied. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#arena.length) this.#makeRoom(chunk.length);
    this.#arena.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** @returns the next fragment, or undefined when more bytes are needed. @throws MalformedError, from then on always. */
  next(): Fragment | undefined {
    return this.#guarded(() => {
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
      const complete = this.#at === this.#end && !this.#isUnfinished();
      const fragment = this.#deliver(complete ? 'structural' : 'torn');
      this.#start = this.#at = this.#end;
      return fragment;
    });
  }

  #guarded(read: () => Fragment | undefined): Fragment | undefined {
    if (this.#failure) throw this.#failure;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadElement)) throw error;
      this.#failure = new MalformedError(error.message, this.#arenaOffset + error.at, this.pendingNumber);
      throw this.#failure;
    }
  }

  /** Takes one element, or the header of a master. */
  #step(): Fragment | 'taken' | 'more' {
    this.#leaveEnded();
    if (this.#level === 'segment' && this.#bodyAt() >= this.#segmentEnd) return this.#deliver('structural');
    const header = this.#header;
    if (!readHeader(this.#arena, this.#at, this.#end, header)) return 'more';
    if (header.id === ID.EBML && this.#level !== 'between') {
      return this.#deliver(this.#isUnfinished() ? 'torn' : 'structural');
    }
    if (this.#level === 'cluster' && this.#clusterEnd === Infinity && isTopLevel(header.id))
      this.#level = 'segment';
    if (this.#enterMaster(header)) return 'taken';
    return this.#takeElement(header);
  }

  /** Masters of unknown size, and those that are read as they come: only their header is taken. */
  #enterMaster({ id, size, payload }: ElementHeader): boolean {
    const end = size === UNKNOWN_SIZE ? Infinity : this.#arenaOffset + payload + size;
    if (id === ID.Segment && this.#level === 'document') {
      this.#level = 'segment';
      this.#segmentEnd = end;
    } else if (id === ID.Cluster && this.#level === 'segment') {
      if (end > this.#segmentEnd && end !== Infinity)
        throw new BadElement('a Cluster is larger than its Segment', this.#at);
      this.#level = 'cluster';
      this.#clusterEnd = end;
      this.#document.beginCluster();
    } else return false;
    if (size !== UNKNOWN_SIZE) this.#checkSize(payload + size);
    this.#at = payload;
    return true;
  }

  #takeElement({ id, size, payload }: ElementHeader): Fragment | 'taken' | 'more' {
    this.#checkAllowed(id);
    if (size === UNKNOWN_SIZE) {
      throw new BadElement('only a Segment or a Cluster may be of unknown size', this.#at);
    }
    const end = payload + size;
    this.#checkSize(end);
    this.#checkFits(end);
    if (end > this.#end) return 'more';
    if (this.#level === 'between') {
      this.#start = this.#at;
      if (id === ID.EBML) this.#level = 'document';
      this.#at = end;
      if (id !== ID.EBML) this.#start = end;
      return 'taken';
    }
    if (this.#level === 'cluster') this.#document.addToCluster(id, this.#arena, payload, end, this.#start);
    else if (this.#level === 'segment') this.#document.addTopLevel(id, this.#arena, payload, end);
    this.#at = end;
    return id === ID.Tags && this.#isOver()
      ? this.#deliver(this.#document.tagged ? 'tagged' : 'structural')
      : 'taken';
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
    if (this.#level !== 'cluster' || this.#bodyAt() < Math.min(this.#clusterEnd, this.#segmentEnd)) return;
    this.#level = 'segment';
    this.#clusterEnd = Infinity;
  }

  /** By its own sizes the document must go on; one of unknown sizes may end after any element. */
  #isUnfinished(): boolean {
    if (this.#level === 'document') return true;
    const at = this.#bodyAt();
    const inCluster = this.#level === 'cluster' && this.#clusterEnd !== Infinity && at < this.#clusterEnd;
    return inCluster || (this.#segmentEnd !== Infinity && at < this.#segmentEnd);
  }

  #checkAllowed(id: number): void {
    if (isGlobal(id)) return;
    if (this.#level === 'document') {
      throw new BadElement(`a Segment is expected after the EBML header, not ${named(id)}`, this.#at);
    }
    if (this.#level === 'between') {
      const isLastOfSegment = this.#afterDocument && id !== ID.Cluster;
      if (id === ID.EBML || (isLastOfSegment && id !== ID.Segment && !isClusterLevel(id))) return;
      throw new BadElement(`an EBML header is expected here, not ${named(id)}`, this.#at);
    }
    const isMisplaced = this.#level === 'cluster' ? isTopLevel(id) : isClusterLevel(id);
    if (isMisplaced || id === ID.Segment)
      throw new BadElement(`${named(id)} stands where it can’t`, this.#at);
  }

  /** Before the payload is waited for, so that an absurd size fails at once and memory stays bounded. */
  #checkSize(end: number): void {
    const most = this.#limits.fragmentBytesMax;
    if (end - this.#start > most) {
      throw new BadElement(`an element makes its fragment larger than ${most} bytes`, this.#at);
    }
  }

  #checkFits(end: number): void {
    const bodyEnd = this.#arenaOffset + end;
    if (this.#level === 'cluster' && bodyEnd > this.#clusterEnd) {
      throw new BadElement('an element is larger than its Cluster', this.#at);
    }
    if ((this.#level === 'cluster' || this.#level === 'segment') && bodyEnd > this.#segmentEnd) {
      throw new BadElement('an element is larger than its Segment', this.#at);
    }
  }

  /** Hands out the bytes from the document's first to the last element taken, and begins anew. */
  #deliver(wholeness: Wholeness): Fragment {
    const tagged = this.#document.tagged ? 'tagged' : wholeness;
    const bytes = this.#arena.subarray(this.#start, this.#at);
    const fragment = this.#document.build(bytes, this.#arenaOffset + this.#start, tagged);
    this.#start = this.#at;
    this.#level = 'between';
    this.#document = new DocumentBuilder();
    this.#segmentEnd = Infinity;
    this.#clusterEnd = Infinity;
    this.#afterDocument = true;
    return fragment;
  }

  #bodyAt(): number {
    return this.#arenaOffset + this.#at;
  }

  /** A new arena, with the bytes of the document that is coming; at least twice as large, so that copying stays linear. */
  #makeRoom(more: number): void {
    const pending = this.#end - this.#start;
    const arena = new Uint8Array(Math.max(ARENA_BYTES, (pending + more) * 2));
    arena.set(this.#arena.subarray(this.#start, this.#end));
    this.#arenaOffset += this.#start;
    this.#at -= this.#start;
    this.#end = pending;
    this.#start = 0;
    this.#arena = arena;
  }
}

function named(id: number): string {
  return `element 0x${id.toString(16)}`;
}
