/**
 * One fragment as Connect writes it and GetMedia delivers it: the order of elements, their names, and the widths
 * of their sizes follow fragments that were seen in the wild. What differed between those is an option.
 */
import { ID } from '../../../matroska/elements.ts';
import { TAG } from '../../../matroska/tags.ts';
import { MatroskaWriter, type SizeField } from './matroska-writer.ts';

export interface Layout {
  /** Which track is number 1; both occur. Default: the customer. */
  readonly firstTrack: 'customer' | 'agent';
  /** Connect's tags stand before the Cluster, after it, or both. */
  readonly connectTags: 'before' | 'after' | 'around';
  readonly segmentSize: SizeField;
  readonly clusterSize: SizeField;
  /** An extra tag `Events`, as some fragments have it. */
  readonly eventsTag: boolean;
}

export const DEFAULT_LAYOUT: Layout = {
  firstTrack: 'customer',
  connectTags: 'around',
  segmentSize: { known: false, bytes: 8 },
  clusterSize: { known: false, bytes: 1 },
  eventsTag: false,
};

/** Connect's track names, by channel: the customer's, the agent's. */
const TRACK_NAMES = ['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'] as const;

export interface DocumentBlock {
  /** 0: customer, 1: agent. */
  readonly channel: number;
  /** Epoch ms by the producer's clock. */
  readonly timeMs: number;
  /** 16-bit little-endian PCM. */
  readonly pcm: Uint8Array;
}

export interface ConnectFragment {
  readonly segmentUid: Uint8Array;
  readonly channels: number;
  /** Undefined: the tag is missing. */
  readonly contactId: string | undefined;
  readonly instanceId: string;
  readonly mimeType: string;
  readonly number: bigint;
  /** Epoch ms, as are the others. */
  readonly serverTimestampMs: number;
  readonly producerTimestampMs: number;
  readonly blocks: readonly DocumentBlock[];
  /** What the trailing tags tell; undefined: there are none. */
  readonly millisBehindNow: number | undefined;
}

const MASTER: SizeField = { known: true, bytes: 4 };
const CONNECT_SIZE_BYTES = 8;
const SERVICE_SIZE_BYTES = 4;
const BLOCK_SIZE_BYTES = 8;
/** Ids of elements that only a writer needs to know (RFC 9559). */
const WRITTEN = {
  EBMLVersion: 0x4286,
  EBMLReadVersion: 0x42f7,
  EBMLMaxIDLength: 0x42f2,
  EBMLMaxSizeLength: 0x42f3,
  DocType: 0x4282,
  DocTypeVersion: 0x4287,
  DocTypeReadVersion: 0x4285,
  Title: 0x7ba9,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  TrackUID: 0x73c5,
  TrackType: 0x83,
  CodecPrivate: 0x63a2,
  Position: 0xa7,
} as const;

export function connectDocument(fragment: ConnectFragment, layout: Layout): Uint8Array {
  const writer = new MatroskaWriter(4096 + fragment.blocks.length * 1100);
  writeEbmlHeader(writer);
  writer.master(ID.Segment, layout.segmentSize, () => {
    writeInfo(writer, fragment.segmentUid);
    writeTracks(writer, fragment.channels, layout);
    if (layout.connectTags !== 'after') writeConnectTags(writer, fragment, layout);
    writeTags(writer, SERVICE_SIZE_BYTES, [
      [TAG.fragmentNumber, fragment.number.toString()],
      [TAG.serverTimestamp, seconds(fragment.serverTimestampMs)],
      [TAG.producerTimestamp, seconds(fragment.producerTimestampMs)],
    ]);
    writeCluster(writer, fragment, layout);
    if (layout.connectTags !== 'before') writeConnectTags(writer, fragment, layout);
    if (fragment.millisBehindNow === undefined) return;
    writeTags(writer, SERVICE_SIZE_BYTES, [
      [TAG.millisBehindNow, fragment.millisBehindNow.toString()],
      [TAG.continuationToken, fragment.number.toString()],
    ]);
  });
  return writer.finish();
}

function writeEbmlHeader(writer: MatroskaWriter): void {
  writer.master(ID.EBML, { known: true, bytes: 1 }, () => {
    writer.uint(WRITTEN.EBMLVersion, 1);
    writer.uint(WRITTEN.EBMLReadVersion, 1);
    writer.uint(WRITTEN.EBMLMaxIDLength, 4);
    writer.uint(WRITTEN.EBMLMaxSizeLength, 8);
    writer.string(WRITTEN.DocType, 'matroska');
    writer.uint(WRITTEN.DocTypeVersion, 2);
    writer.uint(WRITTEN.DocTypeReadVersion, 2);
  });
}

function writeInfo(writer: MatroskaWriter, segmentUid: Uint8Array): void {
  writer.master(ID.Info, { known: true, bytes: 2 }, () => {
    writer.binary(ID.SegmentUUID, segmentUid);
    writer.uint(ID.TimestampScale, 1_000_000, 8);
    writer.string(WRITTEN.Title, 'Kinesis Video SDK');
    writer.string(WRITTEN.MuxingApp, 'Kinesis Video SDK 1.1.0 JNI 2.0');
    writer.string(WRITTEN.WritingApp, 'Kinesis Video SDK 1.1.0 JNI 2.0');
  });
}

function writeTracks(writer: MatroskaWriter, channels: number, layout: Layout): void {
  writer.master(ID.Tracks, MASTER, () => {
    for (const channel of tracksInOrder(channels, layout)) {
      writer.master(ID.TrackEntry, MASTER, () => {
        writer.uint(ID.TrackNumber, trackNumber(channel, channels, layout));
        writer.uint(WRITTEN.TrackUID, trackUid(channel), 8);
        writer.uint(WRITTEN.TrackType, 2);
        writer.string(ID.Name, TRACK_NAMES[channel] ?? '');
        // Connect says AAC, though it is PCM.
        writer.string(ID.CodecID, 'A_AAC');
        writer.binary(WRITTEN.CodecPrivate, Uint8Array.of(0x15, 0x88));
      });
    }
  });
}

function tracksInOrder(channels: number, layout: Layout): number[] {
  const order = Array.from({ length: channels }, (_, channel) => channel);
  return layout.firstTrack === 'customer' ? order : order.reverse();
}

function trackNumber(channel: number, channels: number, layout: Layout): number {
  return tracksInOrder(channels, layout).indexOf(channel) + 1;
}

/** A track's UID, which doesn't change with the order of the tracks, and which Connect's tags name. */
function trackUid(channel: number): number {
  return channel + 1;
}

function writeConnectTags(writer: MatroskaWriter, fragment: ConnectFragment, layout: Layout): void {
  const tags: [string, string][] = [
    ['InstanceId', fragment.instanceId],
    ['MimeType', fragment.mimeType],
    ...tracksInOrder(fragment.channels, layout).map((channel): [string, string] => [
      TRACK_NAMES[channel] ?? '',
      trackUid(channel).toString(),
    ]),
  ];
  if (fragment.contactId !== undefined) tags.unshift(['ContactId', fragment.contactId]);
  if (layout.eventsTag) tags.push(['Events', '[]']);
  for (const tag of tags) writeTags(writer, CONNECT_SIZE_BYTES, [tag]);
}

function writeTags(
  writer: MatroskaWriter,
  sizeBytes: number,
  tags: readonly (readonly [name: string, value: string])[],
): void {
  const size = { known: true, bytes: sizeBytes };
  writer.master(ID.Tags, size, () => {
    writer.master(ID.Tag, size, () => {
      for (const [name, value] of tags) {
        writer.master(ID.SimpleTag, size, () => {
          writer.string(ID.TagName, name, sizeBytes);
          writer.string(ID.TagString, value, sizeBytes);
        });
      }
    });
  });
}

function writeCluster(writer: MatroskaWriter, fragment: ConnectFragment, layout: Layout): void {
  writer.master(ID.Cluster, layout.clusterSize, () => {
    writer.uint(ID.Timestamp, fragment.producerTimestampMs, 8);
    writer.uint(WRITTEN.Position, 0);
    for (const { channel, timeMs, pcm } of fragment.blocks) {
      const number = trackNumber(channel, fragment.channels, layout);
      const timecode = timeMs - fragment.producerTimestampMs;
      writer.simpleBlock(ID.SimpleBlock, number, timecode, pcm, BLOCK_SIZE_BYTES);
    }
  });
}

/** "sec.mmm" */
function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3);
}
