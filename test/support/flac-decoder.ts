/** The reference decoder (libFLAC), as JavaScript; it says itself whether the samples are those that STREAMINFO promises. */
import libflac from 'libflacjs';

export interface DecodedFlac {
  /** Interleaved S16LE. */
  readonly samples: Buffer;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly totalFrames: number;
  /** Bytes of a FLAC frame, and its samples of a channel, as STREAMINFO has them. */
  readonly frameBytes: { readonly min: number; readonly max: number };
  readonly frameSamples: { readonly min: number; readonly max: number };
  /** What the frames themselves tell. */
  readonly frameRates: ReadonlySet<number>;
}

/** The library, once it can be used. */
export const ready = new Promise<ReturnType<typeof libflac>>((resolve) => {
  const flac = libflac();
  if (flac.isReady()) resolve(flac);
  else
    flac.on('ready', () => {
      resolve(flac);
    });
});

/** @throws what the decoder has found wrong: a frame's checksum, or the MD5 of all samples */
export async function decodeFlac(file: Uint8Array): Promise<DecodedFlac> {
  const flac = await ready;
  const id = flac.create_libflac_decoder(true);
  const errors: string[] = [];
  const blocks: Buffer[] = [];
  const frameRates = new Set<number>();
  let facts: Omit<DecodedFlac, 'samples' | 'frameRates'> | undefined;
  let at = 0;
  const status = flac.init_decoder_stream(
    id,
    (bytes) => {
      const buffer = Uint8Array.from(file.subarray(at, at + bytes));
      at += buffer.length;
      return { buffer, readDataLength: buffer.length, error: false };
    },
    (channels, { sampleRate }) => {
      blocks.push(interleaved(channels));
      frameRates.add(sampleRate);
    },
    (code, description) => errors.push(`${String(code)} ${description}`),
    (metadata) => {
      if (!metadata) return;
      const { sampleRate, channels, bitsPerSample, total_samples, min_framesize, max_framesize } = metadata;
      const frameBytes = { min: min_framesize, max: max_framesize };
      const frameSamples = { min: metadata.min_blocksize, max: metadata.max_blocksize };
      facts = { sampleRate, channels, bitsPerSample, totalFrames: total_samples, frameBytes, frameSamples };
    },
  );
  const decoded = flac.FLAC__stream_decoder_process_until_end_of_stream(id);
  const isMd5Right = flac.FLAC__stream_decoder_finish(id);
  flac.FLAC__stream_decoder_delete(id);
  if (status !== 0 || !decoded || facts === undefined) throw new Error(`not a FLAC: ${String(status)}`);
  if (errors.length > 0) throw new Error(`damaged: ${errors.join(', ')}`);
  if (!isMd5Right) throw new Error('these are not the samples that STREAMINFO promises');
  return { ...facts, frameRates, samples: Buffer.concat(blocks) };
}

/** @param channels each S16LE */
function interleaved(channels: readonly Uint8Array[]): Buffer {
  const views = channels.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const frames = (channels[0]?.length ?? 0) / 2;
  const all = Buffer.alloc(frames * channels.length * 2);
  for (let frame = 0, to = 0; frame < frames; frame += 1)
    for (const view of views) to = all.writeInt16LE(view.getInt16(2 * frame, true), to);
  return all;
}
