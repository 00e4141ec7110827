import { createHash } from 'node:crypto';
import { type Recording, recordingId } from '../../../recording/identity.ts';

/**
 * The same for whoever else transcribes this part of the recording, so that one that should have gone ends when its
 * successor begins; another for the stream that follows when this one has lasted as long as it may.
 * @param part how many times as long as a stream may last the call is before it. @returns a UUID, as RFC 9562's version 8
 */
export function sessionIdOf(recording: Recording, part: number): string {
  const hash = createHash('sha256')
    .update(`${recordingId(recording)}#${String(part)}`)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
