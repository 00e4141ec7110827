/** Walks through bytes in chunks, for the tests. */
import type { ElementEvent, ProblemEvent, WalkEvent } from '../../../cli/inspect/events.ts';
import { matroskaSchema } from '../../../cli/inspect/schema.ts';
import { type StreamSummary, Summary } from '../../../cli/inspect/summary.ts';
import { ElementWalker } from '../../../cli/inspect/walker.ts';

const schema = await matroskaSchema();

export function walk(bytes: Uint8Array, chunkBytes = bytes.length || 1): WalkEvent[] {
  const walker = new ElementWalker(schema);
  const events: WalkEvent[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    events.push(...walker.push(bytes.subarray(at, at + chunkBytes)));
  }
  events.push(...walker.finish());
  return events;
}

export function elementsOf(events: readonly WalkEvent[]): ElementEvent[] {
  return events.filter((event) => event.kind === 'element');
}

export function problemsOf(events: readonly WalkEvent[]): ProblemEvent[] {
  return events.filter((event) => event.kind === 'problem');
}

export function summarise(...parts: readonly Uint8Array[]): StreamSummary {
  const summary = new Summary();
  for (const [index, bytes] of parts.entries()) {
    summary.beginPart(`part ${index}`);
    for (const event of walk(bytes)) summary.add(event);
    summary.endPart(bytes.length);
  }
  return summary.result();
}
