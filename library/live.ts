/**
 * `callspool/live`: what is said on a Kinesis video stream, a second at a time, while it is said. It needs the right to read the
 * stream, and nothing else of callspool; any stream of 16-bit PCM audio will do.
 */
import { seconds } from './audio/listening.ts';
import type { ListenEnd, ListenOptions } from './audio/options.ts';
import type { Second } from './audio/second.ts';

export type { ListenEnd, ListenOptions } from './audio/options.ts';
export { type Gap, type Late, Second } from './audio/second.ts';
export { StreamError, type StreamErrorKind } from './stream/errors.ts';
export type { StreamBlock, StreamFragment, StreamPosition, StreamTrack } from './stream/fragment.ts';
export type { ClientOptions, Lost, StreamEnd, StreamOptions } from './stream/options.ts';

/** Reads nothing until it is asked for the first second, or told to go on to its end. */
export interface Listening extends AsyncIterable<Second> {
  /**
   * For whoever has given functions: listens to the end.
   * @throws StreamError for what no retry mends, TypeError for options that can't be, and what the functions throw
   */
  finished(): Promise<ListenEnd>;
}

/**
 * Listens. Every sample of each side is given once, in order, and what is missing is silence and told: `for await (const
 * second of listen({ streamArn }))`; or with functions: `await listen({ streamArn, onAudio, onEnd }).finished()`.
 */
export function listen(options: ListenOptions): Listening {
  return {
    [Symbol.asyncIterator]: () => seconds(options),
    finished: async () => {
      const all = seconds(options);
      let next = await all.next();
      while (next.done !== true) next = await all.next();
      return next.value;
    },
  };
}
