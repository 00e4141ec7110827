/** What an element of a Segment says, beside its Clusters: Info, Tracks and Tags (RFC 9559, section 5.1). */
import { BadElement, newHeader, readChild, readFloat, readString, readUint } from './bytes.ts';
import { ID } from './elements.ts';
import type { TrackAudio, TrackEntry } from './fragment.ts';

/** Far beyond anything that Connect or Kinesis Video Streams writes; they bound memory against hostile bytes. */
export const COUNT_LIMITS = { blocks: 100_000, tags: 1_000, tracks: 128 } as const;
export const TOO_MANY = { tags: 'there are too many tags', tracks: 'there are too many tracks' } as const;
const TEXT_BYTES_MAX = 65_536;

export const NANOSECONDS_PER_MS = 1_000_000;

/** Bytes of a SegmentUUID (RFC 9559, section 5.1.2.1) and, at most, of an unsigned integer (RFC 8794, section 7.2). */
const UUID_BYTES = 16;
const UINT_BYTES_MAX = 8;
/** What a codec needs to be told; longer ones are none of audio's that is read here. */
const CODEC_PRIVATE_BYTES_MAX = 1_024;

export interface SimpleTag {
  readonly name: string;
  readonly value: string;
  /** The place where it begins in its element's payload. */
  readonly at: number;
}

export interface Track extends Pick<SimpleTag, 'at'> {
  readonly entry: TrackEntry;
}

export interface Statement {
  readonly segmentUid: string | undefined;
  readonly timestampScale: number | undefined;
  readonly tracks: readonly Track[];
  readonly tags: readonly SimpleTag[];
  /** Its tags end with it; those before stand, since one of them may tell which fragment is at fault. */
  readonly fault: BadElement | undefined;
}

/** Reads a complete Info, Tracks or Tags. Positions are indices into `bytes`. @throws BadElement but for tags */
export function readStatement(id: number, bytes: Uint8Array, from: number, to: number): Statement {
  const info = id === ID.Info ? readInfo(bytes, from, to) : undefined;
  const tags: SimpleTag[] = [];
  return {
    segmentUid: info?.segmentUid,
    timestampScale: info?.timestampScale,
    tracks: id === ID.Tracks ? readTracks(bytes, from, to) : [],
    tags,
    fault: id === ID.Tags ? collectTags(bytes, from, to, tags) : undefined,
  };
}

function readInfo(bytes: Uint8Array, from: number, to: number) {
  let segmentUid: string | undefined;
  let timestampScale: number | undefined;
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, child);
    if (child.id === ID.SegmentUUID) segmentUid = readUuid(bytes, child.payload, end);
    if (child.id === ID.TimestampScale) timestampScale = readTimestampScale(bytes, child.payload, end);
  }
  return { segmentUid, timestampScale };
}

function readTracks(bytes: Uint8Array, from: number, to: number): Track[] {
  const tracks: Track[] = [];
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, child);
    if (child.id !== ID.TrackEntry) continue;
    if (tracks.length >= COUNT_LIMITS.tracks) throw new BadElement(TOO_MANY.tracks, child.payload);
    tracks.push({ entry: readTrackEntry(bytes, child.payload, end), at: child.payload - from });
  }
  return tracks;
}

function readTrackEntry(bytes: Uint8Array, from: number, to: number): TrackEntry {
  let trackNumber = 0;
  let name: string | undefined;
  let codecId: string | undefined;
  let encoded = false;
  let codecPrivate: Uint8Array | undefined;
  let audio: TrackAudio | undefined;
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, child);
    const { id, payload } = child;
    if (id === ID.TrackNumber) trackNumber = readSafeUint(bytes, payload, end, 'a TrackNumber');
    if (id === ID.Name) name = readText(bytes, payload, end, 'a track’s Name');
    if (id === ID.CodecID) codecId = readText(bytes, payload, end, 'a CodecID');
    if (id === ID.ContentEncodings) encoded = true;
    // A copy: what is read once serves for the documents that follow, whose bytes are others.
    if (id === ID.CodecPrivate && end - payload <= CODEC_PRIVATE_BYTES_MAX)
      codecPrivate = Uint8Array.from(bytes.subarray(payload, end));
    if (id === ID.Audio) audio = trackAudioOf(bytes, payload, end);
  }
  return {
    trackNumber,
    encoded,
    ...(name !== undefined && { name }),
    ...(codecId !== undefined && { codecId }),
    ...(codecPrivate !== undefined && { codecPrivate }),
    ...(audio !== undefined && { audio }),
  };
}

/** Connect's tags say it too: a fragment isn't refused for it. @returns undefined where it can't be read */
function trackAudioOf(bytes: Uint8Array, from: number, to: number): TrackAudio | undefined {
  try {
    return readTrackAudio(bytes, from, to);
  } catch (error) {
    if (error instanceof BadElement) return undefined;
    throw error;
  }
}

function readTrackAudio(bytes: Uint8Array, from: number, to: number): TrackAudio {
  let sampleRate: number | undefined;
  let channels: number | undefined;
  let bitDepth: number | undefined;
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, child);
    const { id, payload } = child;
    if (id === ID.SamplingFrequency) sampleRate = readFloat(bytes, payload, end);
    if (id === ID.Channels) channels = readSafeUint(bytes, payload, end, 'a track’s Channels');
    if (id === ID.BitDepth) bitDepth = readSafeUint(bytes, payload, end, 'a track’s BitDepth');
  }
  return {
    ...(sampleRate !== undefined && { sampleRate }),
    ...(channels !== undefined && { channels }),
    ...(bitDepth !== undefined && { bitDepth }),
  };
}

/** The SimpleTags of a complete Tags element. Positions are indices into `bytes`. @throws BadElement */
export function readTags(bytes: Uint8Array, from: number, to: number): SimpleTag[] {
  const tags: SimpleTag[] = [];
  const fault = collectTags(bytes, from, to, tags);
  if (fault) throw fault;
  return tags;
}

/** @returns what keeps it from being read to its end */
function collectTags(bytes: Uint8Array, from: number, to: number, into: SimpleTag[]): BadElement | undefined {
  try {
    addTags(bytes, from, to, into);
    return undefined;
  } catch (error) {
    if (error instanceof BadElement) return error;
    throw error;
  }
}

function addTags(bytes: Uint8Array, from: number, to: number, tags: SimpleTag[]): void {
  const tag = newHeader();
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, tag);
    if (tag.id !== ID.Tag) continue;
    for (let inner = tag.payload, innerEnd; inner < end; inner = innerEnd) {
      innerEnd = readChild(bytes, inner, end, child);
      if (child.id !== ID.SimpleTag) continue;
      if (tags.length >= COUNT_LIMITS.tags) throw new BadElement(TOO_MANY.tags, child.payload);
      tags.push(readSimpleTag(bytes, child.payload, innerEnd, child.payload - from));
    }
  }
}

function readSimpleTag(bytes: Uint8Array, from: number, to: number, place: number): SimpleTag {
  let name = '';
  let value = '';
  const child = newHeader();
  for (let at = from, end; at < to; at = end) {
    end = readChild(bytes, at, to, child);
    if (child.id === ID.TagName) name = readText(bytes, child.payload, end, 'a TagName');
    if (child.id === ID.TagString) value = readText(bytes, child.payload, end, 'a TagString');
  }
  return { name, value, at: place };
}

/** An empty element has its default value (RFC 8794, section 6.1). */
function readTimestampScale(bytes: Uint8Array, payload: number, end: number): number {
  if (payload === end) return NANOSECONDS_PER_MS;
  const scale = readSafeUint(bytes, payload, end, 'a TimestampScale');
  if (scale === 0) throw new BadElement('a TimestampScale is 0', payload);
  return scale;
}

export function readSafeUint(bytes: Uint8Array, payload: number, end: number, what: string): number {
  if (end - payload > UINT_BYTES_MAX) {
    throw new BadElement(`${what} is longer than ${UINT_BYTES_MAX} bytes`, payload);
  }
  return safe(readUint(bytes, payload, end), payload, what);
}

export function safe(value: number, at: number, what: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new BadElement(`${what} is beyond 2^53`, at);
}

function readText(bytes: Uint8Array, payload: number, end: number, what: string): string {
  if (end - payload > TEXT_BYTES_MAX) {
    throw new BadElement(`${what} is longer than ${TEXT_BYTES_MAX} bytes`, payload);
  }
  return readString(bytes, payload, end);
}

function readUuid(bytes: Uint8Array, payload: number, end: number): string {
  if (end - payload > UUID_BYTES) {
    throw new BadElement(`a SegmentUUID is longer than ${UUID_BYTES} bytes`, payload);
  }
  let hex = '';
  for (const byte of bytes.subarray(payload, end)) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
