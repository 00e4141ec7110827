import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** All that a stream of bytes gives, in pieces as they come: putting them together takes another copy of all of it. */
export async function piecesOf(body: Readable): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  body.on('data', (piece: Uint8Array) => pieces.push(piece));
  await finished(body);
  return pieces;
}
