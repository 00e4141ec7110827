/**
 * How a program of any language is told: each message is a line of JSON, followed, for audio, by that many frames of
 * S16LE: stereo for `audio`, mono for `late`. `readline` and `read` do.
 */
import type { Channel } from '../../recording/audio/pcm.ts';
import { BYTES_PER_SAMPLE } from '../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { recordingId } from '../../recording/identity.ts';
import type { GapWhy, Span } from '../timeline/outputs.ts';
import type { LiveCall, LiveEnd } from './audio-sink.ts';

const SIDES = ['CUSTOMER', 'AGENT'] as const;

/** @param language in which the call is, where that is known of it */
export function startMessage(
  { recording, sampleRate, originMs, startFrame }: LiveCall,
  language?: string,
): Uint8Array {
  return line({
    kind: 'start',
    recordingId: recordingId(recording),
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    sampleRate,
    channels: SIDES,
    /** Epoch ms of frame 0. */
    originMs: Math.round(originMs),
    startFrame,
    ...(language !== undefined && { language }),
  });
}

export function audioMessage(startFrame: number, stereo: Uint8Array): Uint8Array {
  const frames = stereo.length / BYTES_PER_FRAME;
  return Buffer.concat([line({ kind: 'audio', startFrame, frames }), stereo]);
}

export function lateMessage(channel: Channel, startFrame: number, samples: Uint8Array): Uint8Array {
  const frames = samples.length / BYTES_PER_SAMPLE;
  return Buffer.concat([line({ kind: 'late', channel: SIDES[channel], startFrame, frames }), samples]);
}

export function gapMessage({ channel, startFrame, frames }: Span, why: GapWhy): Uint8Array {
  return line({ kind: 'gap', channel: SIDES[channel], startFrame, frames, why });
}

export function endMessage(reason: LiveEnd): Uint8Array {
  return line({ kind: 'end', reason });
}

function line(message: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}
