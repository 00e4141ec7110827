/**
 * The seal of a tape object: its uuid (version 8, RFC 9562) ends with a checksum of its bytes, so that an object that
 * was damaged, or cut short, is known for it without any other record. Any other uuid says nothing.
 *
 * Every version of the assembly reads the tapes of every other one: the checksum can't be exchanged for another.
 */
import { createHash } from 'node:crypto';

const SEALED = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-([0-9a-f]{12})$/i;

/** @param uuid any uuid; what makes it unique must stand before its last group. */
export function seal(uuid: string, bytes: Uint8Array): string {
  return `${uuid.slice(0, 14)}8${uuid.slice(15, 24)}${checksum([bytes])}`;
}

/** Tells whether these are the bytes that the object was stored with; `unsealed` when its name doesn't tell. */
export function checkSeal(uuid: string, pieces: readonly Uint8Array[]): 'sound' | 'damaged' | 'unsealed' {
  const sealed = SEALED.exec(uuid)?.[1];
  if (sealed === undefined) return 'unsealed';
  return sealed.toLowerCase() === checksum(pieces) ? 'sound' : 'damaged';
}

/** The first 48 bits of the SHA-256, in hex. */
function checksum(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex').slice(0, 12);
}
