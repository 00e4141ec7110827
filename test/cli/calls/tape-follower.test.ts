import { expect, test } from 'vitest';
import { TapeFollower } from '../../../cli/calls/tape-follower.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import type { Segment } from '../../../ports/tape/tape.ts';
import { noise, produced, silenced } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';

// Long enough: whether silence is a gap is told by some fragments behind it.
const AGENT = silenced(noise(20_000, 2), 5_000, 7_000);
const CALL = produced([noise(20_000, 1), AGENT], {
  gaps: [{ channel: 1, startMs: 5_000, lengthMs: 2_000 }],
});
const { segments } = recordedCall(CALL);

test('gaps are found as the tape grows; what is stored ahead of its turn is none', async () => {
  const tape = new MemoryTape();
  const follower = new TapeFollower(tape, CALL, CALL.startedAtMs);
  const append = (segment: Segment | undefined) => tape.append(CALL, segment ?? expect.fail());
  const lastOf = (index: number) => segments[index]?.last ?? expect.fail();

  // Side by side, the third was quicker than the second.
  await append(segments[0]);
  await append(segments[2]);
  expect(await follower.poll(lastOf(0))).toEqual({ gaps: [], skippedBytes: 0 });
  for (const segment of [segments[1], ...segments.slice(3)]) await append(segment);
  const { gaps } = await follower.poll(lastOf(segments.length - 1));
  expect(gaps).toMatchObject([{ track: 'AUDIO_TO_CUSTOMER', startMs: 5_000, lengthMs: 2_000 }]);
});
