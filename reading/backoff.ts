/**
 * How long to wait before the next try: doubling, within bounds. A stream without retention forgets after 5 minutes.
 * @param tries so many went before
 * @returns ms
 */
export function backoffMs(tries: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(tries, 30));
}
