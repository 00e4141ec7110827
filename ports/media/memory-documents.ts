/** Matroska documents as the service makes them up out of a stored one: error reports, and archived media. */
import { BadElement, newHeader, readHeader, UNKNOWN_SIZE } from '../../matroska/bytes.ts';
import { ID } from '../../matroska/elements.ts';
import type { StreamError } from '../../matroska/fragment.ts';
import { readTags } from '../../matroska/statement.ts';
import { TAG } from '../../matroska/tags.ts';

/** Only this name has been seen; the ids of the others are documented, and readers go by the id. */
export const FRAGMENT_NOT_FOUND = 'FRAGMENT_NOT_FOUND';
/** "Requested fragment is not found" of GetMedia (API reference). */
export const GET_MEDIA_NOT_FOUND = 4000;
/** What GetMediaForFragmentList reports where a fragment isn't there, as seen. */
export const ARCHIVE_NOT_FOUND = 3000;

const UNKNOWN_SIZE_BYTES = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const UTF8 = new TextEncoder();

/** A document that reports an error in the stream: no Cluster and no timestamps, nothing but tags. */
export function errorDocument(error: StreamError, fragmentNumber: bigint): Uint8Array {
  return join([
    element(ID.EBML, [element(0x4282, [UTF8.encode('matroska')])]),
    idBytes(ID.Segment),
    UNKNOWN_SIZE_BYTES,
    tagsElement([
      [TAG.errorCode, error.code],
      [TAG.errorId, error.id.toString()],
      [TAG.fragmentNumber, fragmentNumber.toString()],
    ]),
  ]);
}

const ARCHIVED_NAMES: ReadonlyMap<string, string> = new Map([
  [TAG.serverTimestamp, TAG.archivedServerTimestamp],
  [TAG.producerTimestamp, TAG.archivedProducerTimestamp],
]);
const LIVE_ONLY: ReadonlySet<string> = new Set([TAG.millisBehindNow, TAG.continuationToken]);

/** A document as GetMediaForFragmentList spells it: timestamps under other names, no position, no lag. */
export function archivedDocument(document: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  try {
    for (const part of archivedParts(document)) {
      parts.push(part.bytes);
      at = part.end;
    }
  } catch (error) {
    if (!(error instanceof BadElement)) throw error;
  }
  // What is torn or malformed stays so.
  parts.push(document.subarray(at));
  return join(parts);
}

/** Element by element; `end` is where each ends in the document. */
function* archivedParts(
  document: Uint8Array,
): Generator<{ bytes: Uint8Array; end: number }, void, undefined> {
  const header = newHeader();
  let at = 0;
  while (readHeader(document, at, document.length, header)) {
    const { id, size, payload } = header;
    if (id === ID.Segment) {
      at = payload;
      yield { bytes: join([idBytes(ID.Segment), UNKNOWN_SIZE_BYTES]), end: at };
      continue;
    }
    const end = size === UNKNOWN_SIZE ? payload : payload + size;
    if (end > document.length) return;
    const bytes = id === ID.Tags ? archivedTags(document, at, payload, end) : document.subarray(at, end);
    at = end;
    yield { bytes, end };
  }
}

function archivedTags(document: Uint8Array, at: number, payload: number, end: number): Uint8Array {
  const tags = readTags(document, payload, end);
  if (!tags.some(({ name }) => ARCHIVED_NAMES.has(name) || LIVE_ONLY.has(name)))
    return document.subarray(at, end);
  const kept = tags.filter(({ name }) => !LIVE_ONLY.has(name));
  if (kept.length === 0) return new Uint8Array(0);
  return tagsElement(kept.map(({ name, value }) => [ARCHIVED_NAMES.get(name) ?? name, value]));
}

function tagsElement(tags: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const simpleTags = tags.map(([name, value]) =>
    element(ID.SimpleTag, [
      element(ID.TagName, [UTF8.encode(name)]),
      element(ID.TagString, [UTF8.encode(value)]),
    ]),
  );
  return element(ID.Tags, [element(ID.Tag, simpleTags)]);
}

/** Writes a size of four bytes, as the service does in its own tags. */
function element(id: number, payload: readonly Uint8Array[]): Uint8Array {
  const body = join(payload);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, 0x1000_0000 + body.length);
  return join([idBytes(id), size, body]);
}

function idBytes(id: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
