/** Whether whoever listens has changed what is recorded, or when: by the same run without anybody who listens. */
import type { World } from './world.ts';

/** Until a task leaves, nothing may be another; the last one may wait for its listeners for a while. */
export function changedBy(listened: World, plain: World): string | undefined {
  const untilMs = Math.min(listened.firstLeftAtMs, plain.firstLeftAtMs);
  const [heard, unheard] = [eventsOf(listened, untilMs), eventsOf(plain, untilMs)];
  const at = unheard.findIndex((event, index) => event !== heard[index]);
  if (at >= 0) return `“${unheard[at] ?? ''}” is “${heard[at] ?? 'nothing'}” where somebody listens`;
  if (heard.length > unheard.length) return `“${heard[unheard.length] ?? ''}” is only where somebody listens`;
  return undefined;
}

/** What was stored, and when. */
function eventsOf({ tapeWrites, startMs }: World, untilMs: number): string[] {
  return tapeWrites
    .filter(({ atMs }) => atMs < untilMs)
    .map(({ key, atMs, segment }) => `${key} of ${segment.bytes.length} bytes at ${atMs - startMs} ms`);
}
