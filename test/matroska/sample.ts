/** A fragment as Connect writes it, small, its sizes to choose. */
import {
  blockPayload,
  ELEMENT,
  type Element,
  leaf,
  master,
  tags,
  text,
  uint,
  vint,
  withSize,
} from '../support/matroska.ts';

interface Size {
  readonly unknown: boolean;
  readonly width: number;
}

export interface SampleOptions {
  readonly number?: bigint;
  readonly segment?: Size;
  readonly cluster?: Size;
  readonly clusters?: readonly Element[];
  /** Stand after the Clusters and Connect's tags; by default MILLIS_BEHIND_NOW and the continuation token. */
  readonly ending?: readonly Element[];
}

export const EPOCH_MS = 1_782_912_654_536;
const UNKNOWN_SIZE = unknown(8);

export function unknown(width: number): Size {
  return { unknown: true, width };
}

/** In as many bytes as it needs, at least. */
export function known(width: number): Size {
  return { unknown: false, width };
}

/** Every width of a Segment's and of a Cluster's size, known and unknown. */
export const SIZES = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((width) => [
  { name: `a Segment of unknown size in ${width} bytes`, segment: unknown(width), cluster: unknown(1) },
  { name: `a Segment of known size in ${width} bytes`, segment: known(width), cluster: unknown(8) },
  { name: `Clusters of unknown size in ${width} bytes`, segment: unknown(8), cluster: unknown(width) },
  { name: `Clusters of known size in ${width} bytes`, segment: unknown(8), cluster: known(width) },
  { name: `both of known size in ${width} bytes`, segment: known(width), cluster: known(width) },
]);

export function sampleDocument(options: SampleOptions = {}): Element[] {
  const { number = 1n, segment = UNKNOWN_SIZE, cluster = UNKNOWN_SIZE } = options;
  const clusters = options.clusters ?? [
    sampleCluster(EPOCH_MS, cluster),
    sampleCluster(EPOCH_MS + 128, cluster),
  ];
  const children = [
    master(
      ELEMENT.Info,
      leaf(ELEMENT.SegmentUUID, new Uint8Array(16).fill(0xab)),
      leaf(ELEMENT.TimestampScale, uint(1_000_000)),
    ),
    master(ELEMENT.Tracks, sampleTrack(1, 'AUDIO_FROM_CUSTOMER'), sampleTrack(2, 'AUDIO_TO_CUSTOMER')),
    tags([['AWS_KINESISVIDEO_FRAGMENT_NUMBER', String(number)]]),
    ...clusters,
    tags([['ContactId', '01234567-89ab-cdef-0123-456789abcdef']]),
    tags([['MimeType', 'audio/L16;rate=8000;channels=1;']]),
    ...(options.ending ?? [trailingTags(number)]),
  ];
  return [sampleHeader(), withSize(master(ELEMENT.Segment, ...children), segment.unknown, segment.width)];
}

export function sampleHeader(): Element {
  return master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska')), leaf(ELEMENT.DocTypeVersion, uint(2)));
}

export function trailingTags(number: bigint): Element {
  return tags([
    ['AWS_KINESISVIDEO_MILLIS_BEHIND_NOW', '7'],
    ['AWS_KINESISVIDEO_CONTINUATION_TOKEN', String(number)],
  ]);
}

export function sampleCluster(timestampMs: number, size: Size = UNKNOWN_SIZE): Element {
  const blocks = [0, 64].flatMap((time) => [simpleBlock(1, time), simpleBlock(2, time)]);
  const children = [
    leaf(ELEMENT.Timestamp, uint(timestampMs, 8)),
    leaf(ELEMENT.Position, uint(0)),
    ...blocks,
  ];
  return withSize(master(ELEMENT.Cluster, ...children), size.unknown, size.width);
}

export function simpleBlock(track: number, time: number, audio: Uint8Array = uint(time + track, 6)): Element {
  return { ...leaf(ELEMENT.SimpleBlock, blockPayload(vint(track, 1), time, 0x80, audio)), sizeWidth: 8 };
}

function sampleTrack(number: number, name: string): Element {
  return master(ELEMENT.TrackEntry, leaf(ELEMENT.TrackNumber, uint(number)), leaf(ELEMENT.Name, text(name)));
}
