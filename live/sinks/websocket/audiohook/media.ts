/** AudioHook's media: two sides, of which a server takes one or both, in one of two formats, at 8 kHz. */
import * as v from 'valibot';
import { muLaw } from '../../../../recording/audio/mulaw.ts';
import { BYTES_PER_SAMPLE, type Channel } from '../../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../../recording/audio/stereo-window.ts';

export const SAMPLE_RATE = 8_000;
export const FORMATS = ['PCMU', 'L16'] as const;
export type Format = (typeof FORMATS)[number];

/** By channel: the customer is outside of the contact centre, the agent inside. */
const SIDES = ['external', 'internal'] as const;
type Side = (typeof SIDES)[number];

export interface Media {
  readonly type: 'audio';
  readonly format: Format;
  readonly channels: readonly Side[];
  readonly rate: typeof SAMPLE_RATE;
}

const media = v.object({
  type: v.literal('audio'),
  format: v.picklist(FORMATS),
  channels: v.pipe(v.array(v.picklist(SIDES)), v.maxLength(SIDES.length)),
  rate: v.literal(SAMPLE_RATE),
});
/** What a server chose, as it says so. */
export const chosenMedia = v.pipe(v.array(media), v.maxLength(10));

/** Both sides first, and the preferred format first. */
export function offeredMedia(preferred: Format): Media[] {
  const formats = [preferred, ...FORMATS.filter((format) => format !== preferred)];
  const sides = [SIDES, [SIDES[0]], [SIDES[1]]];
  return sides.flatMap((channels) =>
    formats.map((format) => ({ type: 'audio' as const, format, channels, rate: SAMPLE_RATE })),
  );
}

export function isOffered(chosen: Media): boolean {
  return offeredMedia(chosen.format).some(({ channels }) => channels.join() === chosen.channels.join());
}

/**
 * L16 is little-endian, whatever RFC 3551 says of that name: so Genesys's own reference implementation reads and writes it.
 * @param stereo interleaved S16LE
 */
export function encoded(stereo: Uint8Array, { format, channels }: Media): Uint8Array {
  if (channels.length === SIDES.length) return format === 'PCMU' ? muLaw(stereo) : stereo;
  const channel = channels[0] === SIDES[0] ? 0 : 1;
  return format === 'PCMU' ? muLaw(stereo, channel, 2) : oneSide(stereo, channel);
}

function oneSide(stereo: Uint8Array, channel: Channel): Uint8Array {
  const samples = new Uint8Array(stereo.length / 2);
  let at = channel * BYTES_PER_SAMPLE;
  for (let index = 0; index < samples.length; index += BYTES_PER_SAMPLE, at += BYTES_PER_FRAME) {
    samples[index] = stereo[at] ?? 0;
    samples[index + 1] = stereo[at + 1] ?? 0;
  }
  return samples;
}
