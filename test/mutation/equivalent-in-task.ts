/** Of task/, changes that change nothing which anybody could see. */
import { type Equivalent, of } from './naming.ts';

export const EQUIVALENT_IN_TASK: readonly Equivalent[] = [
  ...of(
    'task/ends.ts',
    [
      'if (call.overSinceMs === undefined) return undefined;',
      'no time is as long as what is no number',
      'false',
    ],
    [
      'return named !== undefined && lastNumber !== undefined && lastNumber >= named;',
      'no number is as large as undefined',
    ],
  ),
  ...of('task/feed/feed-server.ts', [
    'const server = createServer({ allowHalfOpen: true });',
    'who has ended its side is cut off at once',
    '{}',
    'false',
  ]),
  ...of('task/spool/ledger.ts', [
    'position.lastFragmentNumber < segment.position.lastFragmentNumber;',
    'what the archive has restored is nothing that came live',
    'position.lastFragmentNumber <= segment.position.lastFragmentNumber',
  ]),
  ...of('task/spool/segment.ts', [
    '...(this.#segmentUid !== undefined && { lastSegmentUid: this.#segmentUid }),',
    'the last fragment has none either, then',
    'true',
  ]),
  ...of(
    'task/spool/spool.ts',
    ['end(): void {', 'it does nothing as it is', '{}'],
    ['if (position) onTape?.(position.lastFragmentNumber);', 'what came live has one', 'true'],
    ['if (!oldest || !last) return;', 'there is one at least'],
    ["enough.abort('enough');", 'nobody looks at the reason', '""'],
  ),
  ...of(
    'task/recorder.ts',
    [
      "const neighbour = this.#judge.isAfterOurs ? 'ours' : 'not known to be ours';",
      'all that is asked of it is whether it is “ours”',
      '""',
    ],
    ["case 'quiet':", 'nothing is done, whether it is named or not'],
  ),
];
