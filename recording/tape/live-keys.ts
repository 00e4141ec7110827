/** Where in S3 what a listener keeps of a recording lies, for a day. The only place that knows the layout. */
import { TRACKS } from '../call-record.ts';
import { type Recording } from '../identity.ts';

export const LIVE_PREFIX = 'live/';
/** Where {@link listenerKey} lies, of any recording: a pattern of S3's policies. */
export const LISTENER_KEYS = `${LIVE_PREFIX}*/listener-*.json`;
/** Twelve digits of frames are half a year at 48 kHz. */
const FRAME_DIGITS = 12;
const SIDES = { AUDIO_FROM_CUSTOMER: 'customer', AUDIO_TO_CUSTOMER: 'agent' } as const;

export function livePrefix(recording: Recording): string {
  return `${LIVE_PREFIX}${recording.contactId}/${recording.startFragmentNumber.toString()}/`;
}

/** Both sides. @param startFrame of the WAV */
export function livePieceKey(recording: Recording, startFrame: number): string {
  return `${livePrefix(recording)}${padFrame(startFrame)}.wav`;
}

/** One side, which came late. */
export function latePieceKey(recording: Recording, startFrame: number, channel: 0 | 1): string {
  return `${livePrefix(recording)}${padFrame(startFrame)}-${SIDES[TRACKS[channel]]}-late.wav`;
}

/** What was told of a span after its piece had been written. */
export function liveGapKey(recording: Recording, startFrame: number, channel: 0 | 1): string {
  return `${livePrefix(recording)}${padFrame(startFrame)}-${SIDES[TRACKS[channel]]}-gap.json`;
}

/** Where a listener goes on. @param sink what it gives the audio to */
export function listenerKey(recording: Recording, sink: string): string {
  return `${livePrefix(recording)}listener-${sink}.json`;
}

function padFrame(frame: number): string {
  return String(frame).padStart(FRAME_DIGITS, '0');
}
