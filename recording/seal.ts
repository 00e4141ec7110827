/**
 * The seal of a tape object: its uuid (version 8, RFC 9562) ends with a checksum of its bytes, so that an object that
 * was damaged, or cut short, is known for it without any other record. Any other uuid says nothing.
 *
 * It is there for accidents: whoever may write to the bucket can seal what they like. So a CRC-32 does, the one of
 * IEEE 802.3 that S3 knows too, which is quicker than a digest: every byte of a call is sealed once, and checked.
 */
import { crc32 } from 'node:zlib';

const SEALED = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-([0-9a-f]{12})$/i;

/** @param uuid any uuid; what makes it unique must stand before its last group. */
export function seal(uuid: string, bytes: Uint8Array): string {
  return `${uuid.slice(0, 14)}8${uuid.slice(15, 24)}${checksum([bytes])}`;
}

/** Whether these are the bytes that the object was stored with; `unsealed` when its name doesn't tell. */
export function checkSeal(uuid: string, pieces: readonly Uint8Array[]): 'sound' | 'damaged' | 'unsealed' {
  const sealed = SEALED.exec(uuid)?.[1];
  if (sealed === undefined) return 'unsealed';
  return sealed.toLowerCase() === checksum(pieces) ? 'sound' : 'damaged';
}

/** 12 hexadecimal digits: the CRC-32, and the lower 16 bits of the length in bytes. */
function checksum(pieces: readonly Uint8Array[]): string {
  let crc = 0;
  let length = 0;
  for (const piece of pieces) {
    crc = crc32(piece, crc);
    length += piece.length;
  }
  return crc.toString(16).padStart(8, '0') + (length & 0xffff).toString(16).padStart(4, '0');
}
