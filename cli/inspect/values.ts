/** The value of an element that is no master, from the first bytes of its payload. */
import { readInt16, readString, readUint, readVint, UNKNOWN_SIZE, vintLength } from '../../matroska/bytes.ts';
import { ID } from '../../matroska/elements.ts';
import type { BlockValue, ElementValue } from './events.ts';
import type { ElementType } from './schema.ts';

/** Payload bytes that are looked at: of a text, and of what is only shown in part. */
const TEXT_BYTES_MAX = 4_096;
const HEX_BYTES_MAX = 24;
const INTEGER_BYTES_MAX = 8;

/** EBML's dates count from here, in ns (RFC 8794, section 7.6). */
const DATE_EPOCH_MS = Date.UTC(2001, 0, 1);
const NS_PER_MS = 1_000_000n;
const DATE_MS_MAX = 8.64e15;

/** How many of its payload's bytes the value needs. */
export function bytesNeeded(type: ElementType, size: number): number {
  return Math.min(size, type === 's' || type === '8' ? TEXT_BYTES_MAX : 2 * HEX_BYTES_MAX);
}

/** @param payload its first {@link bytesNeeded} bytes, or fewer where the bytes are over. */
export function valueOf(id: number, type: ElementType, payload: Uint8Array, size: number): ElementValue {
  const block = id === ID.SimpleBlock || id === ID.Block ? blockOf(payload, size) : undefined;
  if (block) return { block };
  const isNumber = size <= INTEGER_BYTES_MAX && payload.length === size;
  switch (type) {
    case 'u':
      return isNumber ? unsigned(payload) : binary(payload, size);
    case 'i':
      return isNumber ? signed(payload) : binary(payload, size);
    case 'f':
      return float(payload, size) ?? binary(payload, size);
    case 'd':
      return (isNumber ? date(payload) : undefined) ?? binary(payload, size);
    case 's':
    case '8':
      return readString(payload, 0, payload.length) + (size > payload.length ? '…' : '');
    case 'm':
    case 'b':
      return binary(payload, size);
  }
}

/** The header of a block; undefined where it isn't all there. */
function blockOf(payload: Uint8Array, size: number): BlockValue | undefined {
  const trackBytes = vintLength(payload[0] ?? 0);
  const headerBytes = trackBytes + 3;
  if (trackBytes > 8 || headerBytes > payload.length) return undefined;
  const track = readVint(payload, 0, trackBytes);
  return {
    trackNumber: track === UNKNOWN_SIZE ? 2 ** (7 * trackBytes) - 1 : track,
    relativeTime: readInt16(payload, trackBytes),
    flags: payload[headerBytes - 1] ?? 0,
    payloadBytes: size - headerBytes,
  };
}

function unsigned(payload: Uint8Array): number | bigint {
  const value = readUint(payload, 0, payload.length);
  return Number.isSafeInteger(value) ? value : BigInt(`0x${hex(payload)}`);
}

function signed(payload: Uint8Array): number | bigint {
  if (payload.length === 0) return 0;
  const value = BigInt.asIntN(8 * payload.length, BigInt(`0x${hex(payload)}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function float(payload: Uint8Array, size: number): number | undefined {
  if (payload.length !== size) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (size === 0) return 0;
  if (size === 4) return view.getFloat32(0);
  return size === 8 ? view.getFloat64(0) : undefined;
}

function date(payload: Uint8Array): string | undefined {
  const ms = DATE_EPOCH_MS + Number(BigInt(signed(payload)) / NS_PER_MS);
  return Math.abs(ms) <= DATE_MS_MAX ? new Date(ms).toISOString() : undefined;
}

function binary(payload: Uint8Array, bytes: number): ElementValue {
  return { binary: { hex: hex(payload.subarray(0, HEX_BYTES_MAX)), bytes } };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
