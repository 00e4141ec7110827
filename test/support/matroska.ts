/**
 * A Matroska writer for tests, made from RFC 8794 and RFC 9559 alone: it shares nothing with the reader or the
 * stand-ins, so that two programs must agree on what the bytes say.
 */

export const ELEMENT = {
  EBML: 0x1a45dfa3,
  DocType: 0x4282,
  DocTypeVersion: 0x4287,
  DocTypeReadVersion: 0x4285,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Info: 0x1549a966,
  SegmentUUID: 0x73a4,
  TimestampScale: 0x2ad7b1,
  Title: 0x7ba9,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackUID: 0x73c5,
  TrackType: 0x83,
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
  Position: 0xa7,
  SimpleBlock: 0xa3,
  BlockGroup: 0xa0,
  Block: 0xa1,
  BlockDuration: 0x9b,
  Tags: 0x1254c367,
  Tag: 0x7373,
  SimpleTag: 0x67c8,
  TagName: 0x45a3,
  TagString: 0x4487,
  Cues: 0x1c53bb6b,
  Void: 0xec,
  CRC32: 0xbf,
} as const;

/** Ids of 1 to 4 bytes that no Matroska element has. */
export const UNKNOWN_IDS = [0xfe, 0x7ffe, 0x3ffffe, 0x1ffffff0] as const;

export interface Element {
  readonly id: number;
  readonly body: Uint8Array | readonly Element[];
  /** Bytes of the size field, 1 to 8; more where the size needs them, the fewest if left out. */
  readonly sizeWidth?: number | undefined;
  readonly unknownSize?: boolean | undefined;
}

/** An element in the bytes of {@link encode}: positions of its id, its size field, its payload and its end. */
export interface Placed {
  readonly element: Element;
  readonly id: number;
  readonly start: number;
  readonly sizeAt: number;
  readonly payload: number;
  readonly end: number;
  readonly depth: number;
}

export function leaf(id: number, body: Uint8Array): Element {
  return { id, body };
}

export function master(id: number, ...body: readonly Element[]): Element {
  return { id, body };
}

export function childrenOf({ body }: Element): readonly Element[] {
  return body instanceof Uint8Array ? [] : body;
}

export function withSize(master: Element, unknownSize: boolean, sizeWidth?: number): Element {
  return { ...master, unknownSize, sizeWidth };
}

export function encode(...elements: readonly Element[]): Uint8Array {
  const bytes = new Uint8Array(elements.reduce((sum, one) => sum + totalBytes(one), 0));
  let at = 0;
  for (const one of elements) at = write(one, bytes, at);
  return bytes;
}

/** Every element, parents before their children, in the order of {@link encode}'s bytes. */
export function layout(elements: readonly Element[], at = 0, depth = 0): Placed[] {
  const placed: Placed[] = [];
  let start = at;
  for (const one of elements) {
    const sizeAt = start + idBytes(one.id);
    const payload = sizeAt + widthOf(one);
    const end = payload + bodyBytes(one);
    placed.push({ element: one, id: one.id, start, sizeAt, payload, end, depth });
    if (!(one.body instanceof Uint8Array)) placed.push(...layout(one.body, payload, depth + 1));
    start = end;
  }
  return placed;
}

/** An unsigned integer in `width` bytes, or in the fewest; at least one. */
export function uint(value: number | bigint, width = 0): Uint8Array {
  if (typeof value === 'number') return smallUint(value, width);
  const bytes: number[] = [];
  for (let rest = value; rest > 0n || bytes.length < Math.max(1, width); rest >>= 8n) {
    bytes.unshift(Number(rest & 0xffn));
  }
  return Uint8Array.from(bytes);
}

function smallUint(value: number, width: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length < Math.max(1, width); rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return Uint8Array.from(bytes);
}

export function text(value: string, zeroPadding = 0): Uint8Array {
  return Uint8Array.from(Buffer.concat([Buffer.from(value), Buffer.alloc(zeroPadding)]));
}

/** A variable-size integer of exactly `width` bytes. */
export function vint(value: number | bigint, width: number): Uint8Array {
  if (BigInt(value) >= 1n << BigInt(7 * width))
    throw new RangeError(`${value} needs more than ${width} bytes`);
  return uint(BigInt(value) | (1n << BigInt(7 * width)), width);
}

/** Payload of a SimpleBlock or Block: track number, time relative to the Cluster, flags, audio. */
export function blockPayload(
  track: Uint8Array,
  relativeTime: number,
  flags: number,
  audio: Uint8Array,
): Uint8Array {
  const time = new Uint8Array(2);
  new DataView(time.buffer).setInt16(0, relativeTime);
  return concat(track, time, Uint8Array.of(flags), audio);
}

export function tags(pairs: Iterable<readonly [string, string]>): Element {
  const simple = Array.from(pairs, ([name, value]) =>
    master(ELEMENT.SimpleTag, leaf(ELEMENT.TagName, text(name)), leaf(ELEMENT.TagString, text(value))),
  );
  return master(ELEMENT.Tags, master(ELEMENT.Tag, ...simple));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function write(one: Element, bytes: Uint8Array, at: number): number {
  bytes.set(uint(one.id), at);
  const sizeAt = at + idBytes(one.id);
  const width = widthOf(one);
  const size = one.unknownSize === true ? (1n << BigInt(7 * width)) - 1n : BigInt(bodyBytes(one));
  bytes.set(vint(size, width), sizeAt);
  let next = sizeAt + width;
  if (one.body instanceof Uint8Array) {
    bytes.set(one.body, next);
    return next + one.body.length;
  }
  for (const child of one.body) next = write(child, bytes, next);
  return next;
}

function idBytes(id: number): number {
  return Math.ceil((32 - Math.clz32(id)) / 8);
}

/** An element never changes, so its size is found once, not at each depth again. */
const bodySizes = new WeakMap<Element, number>();

function bodyBytes(one: Element): number {
  const known = bodySizes.get(one);
  if (known !== undefined) return known;
  const { body } = one;
  const size =
    body instanceof Uint8Array ? body.length : body.reduce((sum, child) => sum + totalBytes(child), 0);
  bodySizes.set(one, size);
  return size;
}

function totalBytes(one: Element): number {
  return idBytes(one.id) + widthOf(one) + bodyBytes(one);
}

/** A size of all ones means unknown, so it takes one byte more. */
function widthOf(one: Element): number {
  if (one.unknownSize === true) return one.sizeWidth ?? 8;
  const size = bodyBytes(one);
  let width = one.sizeWidth ?? 1;
  while (size >= 2 ** (7 * width) - 1) width += 1;
  return width;
}
