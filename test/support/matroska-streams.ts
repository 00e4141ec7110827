/** Random GetMedia bodies for fast-check, each with what a reader must find in it. */
import fc from 'fast-check';
import {
  blockPayload,
  concat,
  ELEMENT,
  type Element,
  encode,
  layout,
  leaf,
  master,
  tags,
  text,
  uint,
  UNKNOWN_IDS,
  vint,
  withSize,
} from './matroska.ts';
import { type Random, seeded } from './random.ts';

type Pair = readonly [name: string, value: string];

interface SizeSpec {
  readonly unknown: boolean;
  readonly width: number;
}

interface BlockSpec {
  readonly track: number;
  readonly trackWidth: number;
  readonly relativeTime: number;
  readonly flags: number;
  readonly audio: Uint8Array;
  readonly inGroup: boolean;
}

interface ClusterSpec {
  readonly timestamp: bigint;
  readonly timestampWidth: number;
  readonly size: SizeSpec;
  readonly blocks: readonly BlockSpec[];
}

interface TrackSpec {
  readonly number: number;
  readonly name: string | undefined;
  readonly codecId: string | undefined;
  readonly encoded: boolean;
}

interface DocumentSpec {
  readonly number: bigint;
  readonly segment: SizeSpec;
  readonly segmentUid: Uint8Array | undefined;
  readonly scale: number | undefined;
  readonly tracks: readonly TrackSpec[];
  readonly tagsBefore: readonly Pair[];
  readonly tagsBetween: readonly Pair[];
  readonly tagsAfter: readonly Pair[];
  readonly clusters: readonly ClusterSpec[];
  /** The place of the continuation token; an error report stands in its place after the Clusters. */
  readonly ending: 'trailing' | 'leading' | 'both' | 'none' | 'error';
  /** Void, CRC-32 and unknown elements, and the widths of sizes, follow from it; 0: none, and the fewest bytes. */
  readonly noiseSeed: number;
}

export interface ExpectedFragment {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly wholeness: 'tagged' | 'structural';
  readonly number: bigint;
  readonly segmentUid: string | undefined;
  readonly tracks: readonly { trackNumber: number; name?: string; codecId?: string; encoded: boolean }[];
  readonly tags: readonly Pair[];
  readonly blocks: readonly { trackNumber: number; timeMs: number; audio: Uint8Array }[];
  readonly continuationToken: string | undefined;
  readonly failed: boolean;
}

export interface RandomStream {
  readonly documents: readonly DocumentSpec[];
  readonly elements: readonly Element[];
  readonly bytes: Uint8Array;
  readonly expected: readonly ExpectedFragment[];
  /** Each one is due with this byte, as a count of bytes of the body; undefined: with the end of the body. */
  readonly dueAt: readonly (number | undefined)[];
  /** How fast-check prints a counterexample: the rest follows from the documents. */
  readonly [fc.toStringMethod]: () => string;
}

const EPOCH_MS = 1_782_912_654_536n;
const SAFE = 2n ** 53n - 2n ** 16n;

const size: fc.Arbitrary<SizeSpec> = fc.record({
  unknown: fc.boolean(),
  width: fc.integer({ min: 1, max: 8 }),
});

const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));
/** Names of our own begin with `_`, so that they can't be the service's. */
const pairs = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom('ContactId', 'InstanceId', 'MimeType', 'AUDIO_TO_CUSTOMER', 'Events'), word),
    fc.tuple(
      word.map((name) => `_${name}`),
      word,
    ),
  ),
  { maxLength: 4 },
);

/** All widths, and the numbers on either side of each; as a vint of its own width, 2^(7w)-1 is all ones. */
const trackNumbers = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
  fc.constantFrom(
    ...[1, 2, 3, 4].flatMap((width) => [2 ** (7 * width) - 2, 2 ** (7 * width) - 1, 2 ** (7 * width)]),
  ),
  fc.integer({ min: 1, max: 2 ** 32 }),
);

/** Audio that looks like the beginning of a document, a Cluster or a block must stay audio. */
const audio = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  fc.constantFrom(
    ...[ELEMENT.EBML, ELEMENT.Segment, ELEMENT.Cluster, ELEMENT.Tags, ELEMENT.SimpleBlock].map((id) =>
      encode(leaf(id, uint(0x81))),
    ),
  ),
  fc.integer({ min: 100, max: 300 }).map((length) => new Uint8Array(length).fill(length)),
);

const block: fc.Arbitrary<BlockSpec> = fc
  .record({
    track: trackNumbers,
    extraWidth: fc.integer({ min: 0, max: 7 }),
    relativeTime: fc.oneof(
      fc.integer({ min: -32_768, max: 32_767 }),
      fc.constantFrom(-32_768, -1, 0, 32_767),
    ),
    flags: fc.constantFrom(0x80, 0x00, 0x08, 0x81, 0x89),
    audio,
    inGroup: fc.boolean(),
  })
  .map(({ extraWidth, ...spec }) => {
    const width = vintWidth(spec.track);
    return { ...spec, trackWidth: Math.min(8, width + extraWidth) };
  });

const cluster: fc.Arbitrary<ClusterSpec> = fc.record({
  timestamp: fc.oneof(
    fc.bigInt({ min: EPOCH_MS, max: EPOCH_MS + 10_000_000n }),
    fc.constantFrom(0n, 1n, 255n, 256n, 2n ** 32n, SAFE),
  ),
  timestampWidth: fc.constantFrom(0, 8),
  size,
  blocks: fc.array(block, { maxLength: 6 }),
});

const track: fc.Arbitrary<TrackSpec> = fc.record({
  number: trackNumbers,
  name: fc.option(fc.oneof(fc.constantFrom('AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'), word), {
    nil: undefined,
  }),
  codecId: fc.option(fc.constantFrom('A_AAC', 'A_MS/ACM'), { nil: undefined }),
  encoded: fc.boolean(),
});

const documentSpec: fc.Arbitrary<DocumentSpec> = fc.record({
  number: fc.bigInt({ min: 1n, max: 2n ** 157n }),
  segment: size,
  segmentUid: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
  scale: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(undefined, 1_000_000) },
    fc.constantFrom(1_000, 100_000, 500_000, 3_000_000, 1_000_000_000),
  ),
  tracks: fc.array(track, { maxLength: 3 }),
  tagsBefore: pairs,
  tagsBetween: pairs,
  tagsAfter: pairs,
  clusters: fc.array(cluster, { maxLength: 3 }),
  ending: fc.oneof(
    { weight: 5, arbitrary: fc.constant('trailing' as const) },
    fc.constantFrom('leading' as const, 'both' as const, 'none' as const, 'error' as const),
  ),
  noiseSeed: fc.nat(),
});

/** Streams of up to `documentsMax` fragments. */
export function randomStream(documentsMax = 4): fc.Arbitrary<RandomStream> {
  return fc.array(documentSpec, { minLength: 1, maxLength: documentsMax }).map(streamOf);
}

function streamOf(documents: readonly DocumentSpec[]): RandomStream {
  const each = documents.map(elementsOf);
  const expected: ExpectedFragment[] = [];
  const dueAt: (number | undefined)[] = [];
  let offset = 0;
  for (const [index, spec] of documents.entries()) {
    const elements = each[index] ?? [];
    const fragment = expectedOf(spec, elements, offset);
    expected.push(fragment);
    offset += encode(...elements).length;
    const [nextHeader] = layout(each[index + 1] ?? [], offset);
    dueAt.push(isDueAtOnce(spec) ? fragment.offset + fragment.bytes.length : nextHeader?.payload);
  }
  const elements = each.flat();
  return {
    documents,
    elements,
    bytes: encode(...elements),
    expected,
    dueAt,
    [fc.toStringMethod]: () => fc.stringify(documents),
  };
}

function elementsOf(spec: DocumentSpec): Element[] {
  const header = master(
    ELEMENT.EBML,
    leaf(ELEMENT.DocType, text('matroska')),
    leaf(ELEMENT.DocTypeVersion, uint(2)),
    leaf(ELEMENT.DocTypeReadVersion, uint(2)),
  );
  const segment = withSize(
    master(ELEMENT.Segment, ...segmentChildren(spec)),
    spec.segment.unknown,
    spec.segment.width,
  );
  return spec.noiseSeed === 0 ? [header, segment] : withNoise([header, segment], seeded(spec.noiseSeed));
}

function segmentChildren(spec: DocumentSpec): Element[] {
  const info = [
    ...(spec.segmentUid ? [leaf(ELEMENT.SegmentUUID, spec.segmentUid)] : []),
    ...(spec.scale === undefined ? [] : [leaf(ELEMENT.TimestampScale, uint(spec.scale))]),
    leaf(ELEMENT.Title, text('Kinesis Video SDK')),
  ];
  const [first, ...others] = spec.clusters.map(clusterElement);
  return [
    master(ELEMENT.Info, ...info),
    master(ELEMENT.Tracks, ...spec.tracks.map(trackElement)),
    ...oneTagsEach(spec.tagsBefore),
    tags(headTags(spec)),
    ...(first ? [first, ...oneTagsEach(spec.tagsBetween), ...others] : []),
    ...oneTagsEach(spec.tagsAfter),
    ...endingTags(spec),
  ];
}

function headTags({ number, ending }: DocumentSpec): Pair[] {
  const head: Pair[] = [
    ['AWS_KINESISVIDEO_FRAGMENT_NUMBER', String(number)],
    ['AWS_KINESISVIDEO_SERVER_TIMESTAMP', '1782912654.706'],
  ];
  return ending === 'leading' || ending === 'both' ? [...head, tokenTag(number)] : head;
}

function endingPairs({ number, ending }: DocumentSpec): Pair[] {
  if (ending === 'error') {
    return [
      ['AWS_KINESISVIDEO_ERROR_CODE', 'FRAGMENT_NOT_FOUND'],
      ['AWS_KINESISVIDEO_ERROR_ID', '4000'],
    ];
  }
  return hasTrailing(ending) ? [['AWS_KINESISVIDEO_MILLIS_BEHIND_NOW', '42'], tokenTag(number)] : [];
}

function endingTags(spec: DocumentSpec): Element[] {
  const ending = endingPairs(spec);
  return ending.length > 0 ? [tags(ending)] : [];
}

function tokenTag(number: bigint): Pair {
  return ['AWS_KINESISVIDEO_CONTINUATION_TOKEN', String(number)];
}

/** Writes tags as Connect's come: each in a Tags element of its own. */
function oneTagsEach(all: readonly Pair[]): Element[] {
  return all.map((pair) => tags([pair]));
}

function trackElement({ number, name, codecId, encoded }: TrackSpec): Element {
  return master(
    ELEMENT.TrackEntry,
    leaf(ELEMENT.TrackNumber, uint(number)),
    leaf(ELEMENT.TrackType, uint(2)),
    ...(name === undefined ? [] : [leaf(ELEMENT.Name, text(name, name.length % 3))]),
    ...(codecId === undefined ? [] : [leaf(ELEMENT.CodecID, text(codecId))]),
    ...(encoded ? [master(ELEMENT.ContentEncodings)] : []),
  );
}

function clusterElement(spec: ClusterSpec): Element {
  const children = [
    leaf(ELEMENT.Timestamp, uint(spec.timestamp, spec.timestampWidth)),
    leaf(ELEMENT.Position, uint(0)),
    ...spec.blocks.map(blockElement),
  ];
  return withSize(master(ELEMENT.Cluster, ...children), spec.size.unknown, spec.size.width);
}

function blockElement(spec: BlockSpec): Element {
  const payload = blockPayload(vint(spec.track, spec.trackWidth), spec.relativeTime, spec.flags, spec.audio);
  return spec.inGroup
    ? master(ELEMENT.BlockGroup, leaf(ELEMENT.Block, payload), leaf(ELEMENT.BlockDuration, uint(64)))
    : leaf(ELEMENT.SimpleBlock, payload);
}

function vintWidth(value: number): number {
  let width = 1;
  while (value >= 2 ** (7 * width)) width += 1;
  return width;
}

/** Adds what a reader must pass over, at every depth, and writes sizes in any width. */
function withNoise(elements: readonly Element[], random: Random, depth = 0): Element[] {
  const noisy = elements.flatMap((one, index) => {
    const body = one.body instanceof Uint8Array ? one.body : withNoise(one.body, random, depth + 1);
    const sizeWidth = one.sizeWidth ?? (random.chance(0.5) ? random.integer(1, 8) : undefined);
    return [...(depth + index > 0 ? noise(random, depth) : []), { ...one, body, sizeWidth }];
  });
  return depth === 0 ? noisy : [...noisy, ...noise(random, depth)];
}

/** Beside a Segment only Void and CRC-32 may stand. */
function noise(random: Random, depth: number): Element[] {
  if (!random.chance(0.15)) return [];
  const id = random.pick([ELEMENT.Void, ELEMENT.CRC32, ...(depth > 0 ? UNKNOWN_IDS : [])]);
  const disguise = random.pick([ELEMENT.EBML, ELEMENT.SimpleBlock, ELEMENT.Tags, ELEMENT.Void]);
  const body = random.chance(0.5)
    ? random.bytes(random.integer(0, 12))
    : concat(uint(disguise), random.bytes(3));
  return [{ id, body, sizeWidth: random.integer(1, 8) }];
}

/** With its trailing tags after audio, with an error report, with the last byte of a Segment of known size. */
function isDueAtOnce(spec: DocumentSpec): boolean {
  return endsWithTags(spec) || !spec.segment.unknown;
}

function endsWithTags({ ending, segment, clusters }: DocumentSpec): boolean {
  return ending === 'error' || (hasTrailing(ending) && segment.unknown && clusters.length > 0);
}

function hasTrailing(ending: DocumentSpec['ending']): boolean {
  return ending === 'trailing' || ending === 'both';
}

function expectedOf(spec: DocumentSpec, elements: readonly Element[], offset: number): ExpectedFragment {
  const whole = encode(...elements);
  const lastTags = layout(elements).findLast(({ id, depth }) => id === ELEMENT.Tags && depth === 1);
  const tagged = hasTrailing(spec.ending) || (spec.ending === 'leading' && spec.clusters.length === 0);
  return {
    offset,
    bytes: whole.subarray(0, endsWithTags(spec) ? lastTags?.end : whole.length),
    wholeness: tagged ? 'tagged' : 'structural',
    number: spec.number,
    segmentUid: spec.segmentUid && Buffer.from(spec.segmentUid).toString('hex'),
    tracks: spec.tracks.map(expectedTrack),
    tags: expectedTags(spec),
    blocks: spec.clusters.flatMap((one) => expectedBlocks(one, spec.scale ?? 1_000_000)),
    continuationToken:
      hasTrailing(spec.ending) || spec.ending === 'leading' ? String(spec.number) : undefined,
    failed: spec.ending === 'error',
  };
}

function expectedTrack({ number, name, codecId, encoded }: TrackSpec) {
  return {
    trackNumber: number,
    encoded,
    ...(name !== undefined && { name }),
    ...(codecId !== undefined && { codecId }),
  };
}

function expectedTags(spec: DocumentSpec): Pair[] {
  const between = spec.clusters.length > 0 ? spec.tagsBetween : [];
  return [
    ...new Map([...spec.tagsBefore, ...headTags(spec), ...between, ...spec.tagsAfter, ...endingPairs(spec)]),
  ];
}

/** The scales above divide a millisecond or are whole ones, so that a double holds each time as it should be. */
function expectedBlocks({ timestamp, blocks }: ClusterSpec, scale: number) {
  return blocks.map((one) => ({
    trackNumber: one.track,
    timeMs: exactMs((timestamp + BigInt(one.relativeTime)) * BigInt(scale)),
    audio: one.audio,
  }));
}

/** Nanoseconds as ms: the quotient, and the remainder as a fraction. */
function exactMs(nanoseconds: bigint): number {
  const million = 1_000_000n;
  return nanoseconds % million === 0n ? Number(nanoseconds / million) : Number(`${nanoseconds}e-6`);
}
