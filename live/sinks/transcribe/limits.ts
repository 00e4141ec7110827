/** What a call that is transcribed goes by. */
export const LIMITS = {
  /** The service's limit is 4 h. */
  streamMs: 13_800_000,
  /** The recorder waits for its listeners for 20 s when a call is over. */
  endMs: 18_000,
  /** Four minutes of a telephone call. */
  unheardBytesMax: 8 * 1024 * 1024,
  /** What is given runs ahead of what is sent by no more. */
  unsentSecondsMax: 2,
  /** After so many streams that answered nothing, there is nothing to be said: it is noise, or music. */
  unansweredMax: 3,
  /** A span that is refused becomes a row when it is so long. */
  refusedSecondsMax: 600,
} as const;
