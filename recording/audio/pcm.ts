/** What a fragment's audio is, and which track is whose. */
import type { Fragment, TrackEntry } from '../../matroska/fragment.ts';
import { TRACKS } from '../call-record.ts';

/** Two bytes a sample: signed, little-endian, whatever RFC 3551 says of L16, for so Connect writes it. */
export const BYTES_PER_SAMPLE = 2;
/** Connect's rate, for a recording that doesn't say (no fragment has a MimeType). */
export const DEFAULT_SAMPLE_RATE = 8_000;
const SAMPLE_RATE_MAX = 192_000;

/** 0 = customer (left), 1 = agent (right). */
export type Channel = 0 | 1;

export type PcmFormat = { readonly sampleRate: number } | { readonly unusable: string } | undefined;

/**
 * The format that a fragment's `MimeType` tag tells, such as `audio/L16;rate=8000;channels=1;`.
 * @returns undefined when there is no such tag.
 */
export function pcmFormatOf(fragment: Pick<Fragment, 'tags'>): PcmFormat {
  const mimeType = fragment.tags.get('MimeType');
  if (mimeType === undefined || mimeType === '') return undefined;
  const [type = '', ...parameters] = mimeType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'audio/l16') return { unusable: `its MimeType is not audio/L16 but ${printable(type)}` };
  const value = new Map(parameters.map(namedValue));
  const sampleRate = Number(value.get('rate') ?? DEFAULT_SAMPLE_RATE);
  const channels = Number(value.get('channels') ?? 1);
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > SAMPLE_RATE_MAX) {
    return { unusable: 'its MimeType has no usable sample rate' };
  }
  if (channels !== 1) return { unusable: 'its tracks are not mono' };
  return { sampleRate };
}

/**
 * Tells which track number is whose: by the track's name; unnamed tracks by Connect's tags of the same names,
 * whose values are track numbers; a single track with no telling name is a legacy from-customer track. The numbers
 * themselves say nothing: both orders occur.
 */
export function channelsOf(fragment: Pick<Fragment, 'tracks' | 'tags'>): ReadonlyMap<number, Channel> {
  const channels = new Map<number, Channel>();
  for (const channel of [0, 1] as const) {
    const name = TRACKS[channel];
    const tagged = Number(fragment.tags.get(name) ?? NaN);
    const named = fragment.tracks.find((track) => track.name === name);
    const byTag = fragment.tracks.find((track) => isUnnamed(track) && track.trackNumber === tagged);
    const track = named ?? byTag;
    if (track && !track.encoded) channels.set(track.trackNumber, channel);
  }
  const [only, ...others] = fragment.tracks;
  if (channels.size === 0 && only && others.length === 0 && isUnnamed(only) && !only.encoded) {
    channels.set(only.trackNumber, 0);
  }
  return channels;
}

/** The time from the fragment's earliest block to the end of its latest; 0 without blocks. */
export function lengthMsOf(fragment: Pick<Fragment, 'tags' | 'blocks'>): number {
  const format = pcmFormatOf(fragment);
  const sampleRate = format !== undefined && 'sampleRate' in format ? format.sampleRate : DEFAULT_SAMPLE_RATE;
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const { timeMs, audio } of fragment.blocks) {
    fromMs = Math.min(fromMs, timeMs);
    toMs = Math.max(toMs, timeMs + (audio.length / BYTES_PER_SAMPLE / sampleRate) * 1000);
  }
  return Math.max(0, toMs - fromMs);
}

function isUnnamed(track: TrackEntry): boolean {
  return track.name === undefined || track.name === '' || track.name === 'Track_audio/L16';
}

function namedValue(text: string): [name: string, value: string] {
  const at = `${text}=`.indexOf('=');
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}
