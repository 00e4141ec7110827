/** What a stream's tracks are: 16-bit PCM, of one channel or two, or nothing that can be heard here. */
import type { Fragment, TrackEntry } from '../../matroska/fragment.ts';
import { channelsOf, DEFAULT_SAMPLE_RATE } from '../../recording/audio/pcm.ts';

export interface Pcm {
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** What of a track goes to which side: the one channel that it has, or both. */
export interface HeardTrack {
  readonly trackNumber: number;
  /** The side that its first channel goes to: 0 or 1. */
  readonly side: 0 | 1;
  readonly channels: 1 | 2;
}

export interface Sound {
  readonly sampleRate: number;
  readonly tracks: readonly HeardTrack[];
}

/** How many sides are heard, from so many channels on. */
const CHANNELS_MAX = 2;
const SAMPLE_RATE_MAX = 192_000;
/** WAVEFORMATEX: what a CodecPrivate of A_MS/ACM holds. */
const ACM = { format: 0, channels: 2, rate: 4, bits: 14, bytesMin: 16, pcm: 1 } as const;

/**
 * @param assumed what the tracks are where they don't say
 * @returns undefined for a fragment that has no track at all. A text says why it can't be heard
 */
export function soundOf(fragment: Fragment, assumed: Pcm | undefined): Sound | string | undefined {
  const sounds = fragment.tracks.filter(({ codecId }) => codecId?.startsWith('V_') !== true);
  if (sounds.length === 0) return undefined;
  const formats = sounds.map((track) => formatOf(fragment, track, assumed));
  const unusable = formats.find((format) => typeof format === 'string');
  if (unusable !== undefined) return unusable;
  const known = formats.filter((format) => typeof format !== 'string');
  const rates = new Set(known.map(({ sampleRate }) => sampleRate));
  const [sampleRate = DEFAULT_SAMPLE_RATE] = rates;
  if (rates.size > 1) return 'its tracks have different sample rates';
  const tracks = heardTracks(fragment, sounds, known);
  return typeof tracks === 'string' ? tracks : { sampleRate, tracks };
}

/** Connect's by their names; others in the order of their numbers. */
function heardTracks(
  fragment: Fragment,
  sounds: readonly TrackEntry[],
  formats: readonly Pcm[],
): HeardTrack[] | string {
  const named = channelsOf(fragment);
  const isConnects = sounds.every(({ trackNumber }) => named.has(trackNumber));
  const heard: HeardTrack[] = [];
  const inOrder = sounds
    .map(({ trackNumber }, index) => ({ trackNumber, channels: formats[index]?.channels ?? 1 }))
    .sort((a, b) => a.trackNumber - b.trackNumber);
  let next = 0;
  for (const { trackNumber, channels } of inOrder) {
    const side = isConnects ? (named.get(trackNumber) ?? 0) : next;
    next += channels;
    if ((channels !== 1 && channels !== 2) || side + channels > CHANNELS_MAX || next > CHANNELS_MAX)
      return `it has more than ${CHANNELS_MAX} channels`;
    heard.push({ trackNumber, side: side === 0 ? 0 : 1, channels });
  }
  return heard;
}

/** By the tag MimeType, as Connect tells it; by what the track says itself; else what is assumed. */
function formatOf(fragment: Fragment, track: TrackEntry, assumed: Pcm | undefined): Pcm | string {
  if (track.encoded) return 'its tracks are compressed or encrypted';
  const mimeType = fragment.tags.get('MimeType');
  const told = byMimeType(mimeType) ?? byCodec(track);
  if (told === undefined && mimeType !== undefined) return 'its MimeType is not audio/L16';
  const format = told ?? assumed;
  if (format === undefined) return 'it doesn’t say that it is 16-bit PCM: if it is, say so with assume';
  if (typeof format === 'string') return format;
  const { sampleRate } = format;
  const isRate = Number.isInteger(sampleRate) && sampleRate > 0 && sampleRate <= SAMPLE_RATE_MAX;
  return isRate ? format : 'it has no usable sample rate';
}

function byMimeType(mimeType: string | undefined): Pcm | undefined {
  const [type = '', ...parameters] = (mimeType ?? '').toLowerCase().split(';');
  if (type.trim() !== 'audio/l16') return undefined;
  const numberOf = (name: string, otherwise: number) => {
    const given = parameters.map((one) => one.trim()).find((one) => one.startsWith(`${name}=`));
    return given === undefined ? otherwise : Number(given.slice(name.length + 1));
  };
  return { sampleRate: numberOf('rate', DEFAULT_SAMPLE_RATE), channels: numberOf('channels', 1) };
}

function byCodec({ codecId, codecPrivate, audio }: TrackEntry): Pcm | string | undefined {
  if (codecId === 'A_MS/ACM' && codecPrivate !== undefined) return byWaveFormat(codecPrivate);
  if (codecId === 'A_PCM/INT/BIG') return 'its samples are big-endian';
  if (codecId !== 'A_PCM/INT/LIT') return undefined;
  // The defaults are Matroska's own (RFC 9559, section 5.1.4.1.29).
  const { sampleRate = DEFAULT_SAMPLE_RATE, channels = 1, bitDepth = 16 } = audio ?? {};
  return bitDepth === 16 ? { sampleRate, channels } : `its samples have ${bitDepth} bits`;
}

function byWaveFormat(bytes: Uint8Array): Pcm | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < ACM.bytesMin) return 'its CodecPrivate is too short';
  const bits = view.getUint16(ACM.bits, true);
  if (view.getUint16(ACM.format, true) !== ACM.pcm || bits !== 16) return 'its audio is not 16-bit PCM';
  return {
    sampleRate: view.getUint32(ACM.rate, true),
    channels: view.getUint16(ACM.channels, true),
  };
}
