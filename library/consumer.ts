/**
 * `callspool/consumer`: a Kinesis video stream's fragments, each whole and once, in order, with their numbers, times, tags and
 * blocks, for as long as they come. It needs the right to read the stream, and nothing else of callspool.
 */
import type { StreamFragment } from './stream/fragment.ts';
import type { StreamEnd, StreamOptions } from './stream/options.ts';
import { readStream } from './stream/read.ts';
import { streamFragment } from './stream/stream-fragment.ts';

export { StreamError, type StreamErrorKind } from './stream/errors.ts';
export type { StreamBlock, StreamFragment, StreamPosition, StreamTrack } from './stream/fragment.ts';
export type { ClientOptions, Lost, StreamEnd, StreamOptions } from './stream/options.ts';

export interface ConsumeOptions extends StreamOptions {
  readonly onFragment?: (fragment: StreamFragment) => void | Promise<void>;
  readonly onEnd?: (end: StreamEnd) => void | Promise<void>;
}

/**
 * Gives a stream's fragments. The next one is asked for when this one has been dealt with: whoever is slow is waited for.
 * @throws StreamError for what no retry mends, TypeError for options that can't be: both when it is read
 */
export async function* consume(options: ConsumeOptions): AsyncGenerator<StreamFragment, StreamEnd> {
  const events = readStream(options);
  try {
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done === true) {
        await options.onEnd?.(next.value);
        return next.value;
      }
      const event = next.value;
      if (event.kind === 'lost') await options.onLost?.(event);
      if (event.kind !== 'fragment') continue;
      const fragment = streamFragment(event.fragment, event.isWhole, event.behindMs);
      await options.onFragment?.(fragment);
      yield fragment;
    }
  } finally {
    await events.return('stopped');
  }
}
