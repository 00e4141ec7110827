/** The Matroska elements that a GetMedia body is made of, by their ids (RFC 9559, section 27; RFC 8794). */
export const ID = {
  EBML: 0x1a45dfa3,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Info: 0x1549a966,
  SegmentUUID: 0x73a4,
  TimestampScale: 0x2ad7b1,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  Name: 0x536e,
  CodecID: 0x86,
  CodecPrivate: 0x63a2,
  Audio: 0xe1,
  SamplingFrequency: 0xb5,
  Channels: 0x9f,
  BitDepth: 0x6264,
  ContentEncodings: 0x6d80,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
  BlockGroup: 0xa0,
  Block: 0xa1,
  Tags: 0x1254c367,
  Tag: 0x7373,
  SimpleTag: 0x67c8,
  TagName: 0x45a3,
  TagString: 0x4487,
  Cues: 0x1c53bb6b,
  Chapters: 0x1043a770,
  Attachments: 0x1941a469,
  Void: 0xec,
  Crc32: 0xbf,
} as const;

/** A child of a Segment. One of them ends a Cluster of unknown size (RFC 8794, section 6.2). */
export function isTopLevel(id: number): boolean {
  switch (id) {
    case ID.SeekHead:
    case ID.Info:
    case ID.Tracks:
    case ID.Cluster:
    case ID.Tags:
    case ID.Cues:
    case ID.Chapters:
    case ID.Attachments:
      return true;
    default:
      return false;
  }
}

/** What holds a Cluster's audio and its time. Outside a Cluster it would be lost if it were passed over as unknown. */
export function isClusterLevel(id: number): boolean {
  return id === ID.Timestamp || id === ID.SimpleBlock || id === ID.BlockGroup;
}

/** Void and CRC-32 may stand anywhere (RFC 8794, section 11.3). */
export function isGlobal(id: number): boolean {
  return id === ID.Void || id === ID.Crc32;
}
