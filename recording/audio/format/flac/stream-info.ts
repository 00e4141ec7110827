/** What stands first in a FLAC file: its name, and STREAMINFO, the one block of metadata that it must have (RFC 9639, 8.2). */
import type { SampleFacts } from '../format.ts';

export const STREAM_HEADER_BYTES = 42;
const STREAM_INFO_BYTES = 34;
/** Type 0, and no other block of metadata follows. */
const LAST_BLOCK = 0x80;
const SAMPLE_BITS = 16;

export interface StreamInfo extends SampleFacts {
  readonly frames: number;
  readonly blockFrames: number;
  /** Bytes of a FLAC frame, the least and the most; 0: not known. */
  readonly frameBytes: { readonly min: number; readonly max: number };
  /** The hash of all samples as S16LE; decoders hold what they give against it. */
  readonly md5: Uint8Array;
}

export function streamHeader(facts: StreamInfo): Uint8Array {
  const { sampleRate, channels, frames, blockFrames, frameBytes, md5 } = facts;
  const bytes = new Uint8Array(STREAM_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('fLaC'));
  view.setUint32(4, (LAST_BLOCK << 24) | STREAM_INFO_BYTES);
  view.setUint16(8, blockFrames);
  view.setUint16(10, blockFrames);
  // Of 24 bits each; no frame of ours comes near 64 KiB.
  view.setUint16(13, frameBytes.min);
  view.setUint16(16, frameBytes.max);
  const rateChannelsBits = (BigInt(sampleRate) << 8n) | BigInt(((channels - 1) << 5) | (SAMPLE_BITS - 1));
  view.setBigUint64(18, (rateChannelsBits << 36n) | BigInt(frames));
  bytes.set(md5, 26);
  return bytes;
}
