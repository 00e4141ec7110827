/** Drives a FragmentReader over bytes that are all there, in chunks of any size. */
import { MalformedError } from '../../matroska/errors.ts';
import type { Fragment } from '../../matroska/fragment.ts';
import { FragmentReader, type ReaderOptions } from '../../matroska/reader.ts';

export interface Reading {
  readonly fragments: readonly Fragment[];
  /** Bytes pushed when each came; undefined where it came with the end of the body. */
  readonly cameAt: readonly (number | undefined)[];
  readonly error: MalformedError | undefined;
}

/** @param chunkBytes sizes of the chunks, in turn and over again; by default all at once. */
export function readBody(
  body: Uint8Array,
  chunkBytes: readonly number[] = [body.length],
  options: Partial<ReaderOptions> = {},
): Reading {
  const reader = new FragmentReader(options);
  const fragments: Fragment[] = [];
  const cameAt: (number | undefined)[] = [];
  try {
    for (let at = 0, turn = 0; at < body.length; turn += 1) {
      const end = at + Math.max(1, chunkBytes[turn % chunkBytes.length] ?? 1);
      reader.push(body.subarray(at, end));
      at = Math.min(end, body.length);
      for (let fragment = reader.next(); fragment; fragment = reader.next()) {
        fragments.push(fragment);
        cameAt.push(at);
      }
    }
    const last = reader.finish();
    if (last) {
      fragments.push(last);
      cameAt.push(undefined);
    }
    return { fragments, cameAt, error: undefined };
  } catch (error) {
    if (error instanceof MalformedError) return { fragments, cameAt, error };
    throw error;
  }
}

/** What a fragment says, without where it stood: comparable with `toEqual`. */
export function contentOf(fragment: Fragment) {
  return {
    number: fragment.number,
    segmentUid: fragment.segmentUid,
    tracks: fragment.tracks,
    tags: [...fragment.tags],
    blocks: fragment.blocks.map(({ trackNumber, timeMs, audio }) => ({
      trackNumber,
      timeMs,
      audio: audio.slice(),
    })),
    continuationToken: fragment.continuationToken,
    error: fragment.error,
  };
}
