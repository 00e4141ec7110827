/** The recorder's feed, as a listener sees it: what the tape doesn't hold yet, and then whatever comes, verbatim. */

export interface Feed {
  /**
   * Joins it; a connection that stood before is given up.
   * @returns GetMedia bytes, until the other side ends them or breaks off, which look alike; undefined where nobody
   * feeds now
   */
  join(signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Says that nothing more is wanted: a recorder whose call is over waits for that, for a while. */
  leave(): void;
}
