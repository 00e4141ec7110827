/** Tape → audio, in one pass and in fixed memory, whatever the length. */
import type { TapeMerge, TapeObjectContent } from '../tape/merge.ts';
import type { Timeline } from './timeline.ts';

/**
 * @param objects in order of `first`
 * @returns interleaved S16LE stereo; each chunk is valid until the next one is taken. When it is over, `merge` and
 * `timeline` tell what came of it.
 */
export async function* assembleAudio(
  objects: AsyncIterable<TapeObjectContent>,
  merge: TapeMerge,
  timeline: Timeline,
): AsyncGenerator<Uint8Array> {
  for await (const object of objects) {
    for (const fragment of merge.add(object)) yield* timeline.add(fragment);
  }
  for (const fragment of merge.finish()) yield* timeline.add(fragment);
  yield* timeline.finish();
}
