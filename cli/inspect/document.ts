/** One fragment, as far as the summary needs it: collected from the elements of one Matroska document. */
import { ID } from '../../matroska/elements.ts';
import type { TrackEntry, Wholeness } from '../../matroska/fragment.ts';
import { fragmentNumberOf, serverTimestampOf, streamErrorOf, TAG } from '../../matroska/tags.ts';
import type { ElementEvent, ElementValue } from './events.ts';

/** Far beyond anything that Kinesis Video Streams writes. */
const COUNT_MAX = 10_000;
const NS_PER_MS = 1_000_000;

export interface SeenBlock {
  readonly trackNumber: number;
  /** Times by the producer's clock. */
  readonly timeMs: number;
  readonly bytes: number;
}

type Opened = { -readonly [Key in keyof TrackEntry]: TrackEntry[Key] };

export class DocumentFacts {
  /** The place of its first byte. */
  readonly offset: number;
  readonly tags = new Map<string, string>();
  readonly tracks: TrackEntry[] = [];
  readonly blocks: SeenBlock[] = [];
  segmentUid: string | undefined;
  #torn = false;
  #track: Opened | undefined;
  #tagName = '';
  #scale = NS_PER_MS;
  #clusterTime = 0;
  #firstClusterTime: number | undefined;
  #tagged = false;

  constructor(offset: number) {
    this.offset = offset;
  }

  get number(): bigint | undefined {
    return fragmentNumberOf(this.tags);
  }

  /** The fragment's own time, epoch ms by the producer's clock. */
  get clusterMs(): number | undefined {
    const ticks = this.#firstClusterTime;
    return ticks === undefined ? undefined : (ticks * this.#scale) / NS_PER_MS;
  }

  get serverTimestampMs(): number | undefined {
    return serverTimestampOf(this.tags);
  }

  get wholeness(): Wholeness {
    if (this.#torn) return 'torn';
    return this.#tagged ? 'tagged' : 'structural';
  }

  /** Holds something of a fragment: a number, an error report or audio. */
  get isFragment(): boolean {
    return this.number !== undefined || this.blocks.length > 0 || streamErrorOf(this.tags) !== undefined;
  }

  /** Something in it is wrong, unless it is over already. */
  addProblem(): void {
    this.#torn ||= !this.#tagged;
  }

  add({ id, value }: ElementEvent): void {
    switch (id) {
      case ID.SegmentUUID:
        this.segmentUid = hexOf(value);
        return;
      case ID.TimestampScale:
        this.#scale = numberOf(value) || NS_PER_MS;
        return;
      case ID.Cluster:
        this.#tagged = false;
        return;
      case ID.Timestamp:
        this.#clusterTime = numberOf(value);
        this.#firstClusterTime ??= this.#clusterTime;
        return;
      case ID.SimpleBlock:
      case ID.Block:
        this.#addBlock(value);
        return;
      default:
        this.#addTrack(id, value);
        this.#addTag(id, value);
    }
  }

  #addBlock(value: ElementValue | undefined): void {
    if (typeof value !== 'object' || !('block' in value) || this.blocks.length >= COUNT_MAX) return;
    const { trackNumber, relativeTime, payloadBytes } = value.block;
    const timeMs = ((this.#clusterTime + relativeTime) * this.#scale) / NS_PER_MS;
    this.blocks.push({ trackNumber, timeMs, bytes: payloadBytes });
  }

  #addTrack(id: number, value: ElementValue | undefined): void {
    if (id === ID.TrackEntry && this.tracks.length < COUNT_MAX) {
      this.#track = { trackNumber: 0, encoded: false };
      this.tracks.push(this.#track);
    }
    if (!this.#track) return;
    if (id === ID.TrackNumber) this.#track.trackNumber = numberOf(value);
    if (id === ID.Name && typeof value === 'string') this.#track.name = value;
    if (id === ID.CodecID && typeof value === 'string') this.#track.codecId = value;
    if (id === ID.ContentEncodings) this.#track.encoded = true;
  }

  #addTag(id: number, value: ElementValue | undefined): void {
    if (typeof value !== 'string') return;
    if (id === ID.TagName) this.#tagName = value;
    if (id !== ID.TagString || this.tags.size >= COUNT_MAX) return;
    this.tags.set(this.#tagName, value);
    if (this.#tagName === TAG.continuationToken) this.#tagged = true;
  }
}

function numberOf(value: ElementValue | undefined): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

function hexOf(value: ElementValue | undefined): string | undefined {
  return typeof value === 'object' && 'binary' in value ? value.binary.hex : undefined;
}
