/** WAV: the samples as they are, behind a header that tells how many there are. */
import type { FileFormat } from '../format.ts';
import { WAV_HEADER_BYTES_MAX, wavHeader } from './header.ts';

export const WAV = {
  name: 'wav',
  title: 'WAV',
  extension: 'wav',
  contentType: 'audio/wav',
  headerBytesMax: WAV_HEADER_BYTES_MAX,
  headerNeeds: 'length',
  encoder: ({ sampleRate, channels }) => ({
    encode: (samples) => [samples],
    finish: () => [],
    header: (frames) => wavHeader(sampleRate, frames, channels),
  }),
} as const satisfies FileFormat;
