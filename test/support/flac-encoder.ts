/** The reference encoder (libFLAC), as JavaScript: how small samples become by other hands. */
import { ready } from './flac-decoder.ts';

/**
 * The bytes that its frames take, without any header. It has the same means as ours: fixed predictors alone (its level 0),
 * each channel by itself, 16 bits.
 * @param samples interleaved S16LE
 */
export async function referenceBytes(
  samples: Uint8Array,
  channels: 1 | 2,
  blockFrames: number,
): Promise<number> {
  const flac = await ready;
  const id = flac.create_libflac_encoder(8_000, channels, 16, 0, 0, false, blockFrames);
  let bytes = 0;
  flac.init_encoder_stream(id, (piece, _length, frames) => {
    if (frames > 0) bytes += piece.length;
  });
  const values = Int32Array.from(new Int16Array(new Uint8Array(samples).buffer));
  flac.FLAC__stream_encoder_process_interleaved(id, values, values.length / channels);
  flac.FLAC__stream_encoder_finish(id);
  flac.FLAC__stream_encoder_delete(id);
  return bytes;
}
