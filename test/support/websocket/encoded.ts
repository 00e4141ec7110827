/** What a server should have heard of a WAV's samples. */
import { muLawOf } from './g711.ts';

/** One side, or both: as a format has it. */
export function encodedSides(stereo: Buffer, format: string, sides: readonly (0 | 1)[]): Buffer {
  const frames = stereo.length / 4;
  const size = format === 'PCMU' ? 1 : 2;
  const bytes = Buffer.alloc(frames * sides.length * size);
  for (let frame = 0, at = 0; frame < frames; frame += 1)
    for (const side of sides) {
      const sample = stereo.readInt16LE(frame * 4 + side * 2);
      if (size === 1) bytes[at] = muLawOf(sample);
      else bytes.writeInt16LE(sample, at);
      at += size;
    }
  return bytes;
}

/** Says where two differ first; undefined where they don’t. */
export function difference(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  if (actual.length !== expected.length) return `${actual.length} bytes, not ${expected.length}`;
  return `byte ${actual.findIndex((byte, index) => byte !== expected[index])}`;
}
