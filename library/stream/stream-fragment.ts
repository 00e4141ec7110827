/** Makes of a fragment, as it was read, what whoever reads the stream is given. */
import { documentOf, type NumberedFragment } from '../../matroska/fragment.ts';
import { contactIdOf } from '../../recording/ownership.ts';
import type { StreamBlock, StreamFragment, StreamPosition, StreamTrack } from './fragment.ts';

export function streamFragment(
  fragment: NumberedFragment,
  isWhole: boolean,
  behindMs: number,
): StreamFragment {
  const { number, serverTimestampMs, producerTimestampMs, tags } = fragment;
  return {
    number,
    serverTimestampMs,
    producerTimestampMs,
    tags,
    contactId: contactIdOf(fragment),
    tracks: tracksOf(fragment),
    isWhole,
    behindMs,
    position: positionOf(fragment),
    document: () => documentOf(fragment),
  };
}

function positionOf({ number, continuationToken, serverTimestampMs }: NumberedFragment): StreamPosition {
  return {
    fragmentNumber: number.toString(),
    ...(continuationToken !== undefined && { continuationToken }),
    ...(serverTimestampMs !== undefined && { serverTimestampMs }),
  };
}

/** The tracks that are declared, and those of which there are blocks all the same. */
function tracksOf({ tracks, blocks }: NumberedFragment): StreamTrack[] {
  const byNumber = new Map<number, StreamBlock[]>(tracks.map(({ trackNumber }) => [trackNumber, []]));
  for (const { trackNumber, timeMs, audio } of blocks) {
    const own = byNumber.get(trackNumber) ?? [];
    own.push({ timeMs, data: audio });
    byNumber.set(trackNumber, own);
  }
  return [...byNumber].map(([trackNumber, own]) => {
    const entry = tracks.find((track) => track.trackNumber === trackNumber);
    return {
      trackNumber,
      name: entry?.name,
      codecId: entry?.codecId,
      codecPrivate: entry?.codecPrivate,
      sampleRate: entry?.audio?.sampleRate,
      channels: entry?.audio?.channels,
      bitDepth: entry?.audio?.bitDepth,
      blocks: own,
    };
  });
}
