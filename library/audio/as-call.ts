/**
 * Any stream's fragment, as one of a call: two mono tracks at most, which are called as Connect calls them. So the rules
 * that place a call's samples place those of any other stream, too.
 */
import type { Block, NumberedFragment, TrackEntry } from '../../matroska/fragment.ts';
import { BYTES_PER_SAMPLE } from '../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { TRACKS } from '../../recording/call-record.ts';
import type { HeardTrack, Sound } from './tracks.ts';

/** By side: 0 and 1. */
const SIDES: readonly TrackEntry[] = TRACKS.map((name, side) => ({
  trackNumber: side + 1,
  name,
  encoded: false,
}));

export function asCall(fragment: NumberedFragment, { sampleRate, tracks }: Sound): NumberedFragment {
  const heard = new Map(tracks.map((track) => [track.trackNumber, track]));
  const blocks = fragment.blocks.flatMap((block) => {
    const track = heard.get(block.trackNumber);
    return track === undefined ? [] : sidesOf(block, track);
  });
  const tags = new Map(fragment.tags).set('MimeType', `audio/L16;rate=${sampleRate};channels=1;`);
  return { ...fragment, tags, tracks: SIDES, blocks };
}

function sidesOf(block: Block, { side, channels }: HeardTrack): Block[] {
  if (channels === 1) return [{ ...block, trackNumber: side + 1 }];
  return [0, 1].map((channel) => ({
    ...block,
    trackNumber: channel + 1,
    audio: channelOf(block.audio, channel),
  }));
}

/** One channel of interleaved stereo; a frame that isn't whole is left out. */
function channelOf(stereo: Uint8Array, channel: number): Uint8Array {
  const frames = Math.floor(stereo.length / BYTES_PER_FRAME);
  const mono = new Uint8Array(frames * BYTES_PER_SAMPLE);
  for (let frame = 0; frame < frames; frame += 1) {
    const from = frame * BYTES_PER_FRAME + channel * BYTES_PER_SAMPLE;
    mono.set(stereo.subarray(from, from + BYTES_PER_SAMPLE), frame * BYTES_PER_SAMPLE);
  }
  return mono;
}
