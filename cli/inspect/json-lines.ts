/** The tree as JSON, an object a line: `{"part"}`, `{"element", …}`, `{"problem", …}`, and `{"summary"}` at the end. */
import { escaped } from '../terminal/terminal.ts';
import type { WalkEvent } from './events.ts';
import type { StreamSummary } from './summary.ts';

export function jsonLine(event: WalkEvent): string {
  if (event.kind === 'problem') {
    const { problem, what, offset, bytes, depth } = event;
    return stringify({ problem, what, offset, bytes, depth });
  }
  const { name, id, depth, offset, headerBytes, size, value } = event;
  return stringify({
    element: name,
    id: `0x${id.toString(16)}`,
    depth,
    offset,
    headerBytes,
    size: size ?? 'unknown',
    value,
  });
}

export function partLine(name: string): string {
  return stringify({ part: name });
}

export function summaryLine(summary: StreamSummary): string {
  return stringify({ summary });
}

/** What no double holds exactly is a string of digits. */
function stringify(value: object): string {
  return escaped(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)),
  );
}
