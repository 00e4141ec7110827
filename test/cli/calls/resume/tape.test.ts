/** What `calls resume` says of the tape before it does anything: it may have expired, in part or wholly. */
import { expect, test } from 'vitest';
import { resumeCalls } from '../../../../cli/calls/resume.ts';
import { MemoryAccess } from '../../../support/cli-access.ts';
import { ioForTest } from '../../../support/io.ts';
import { RecordingWorld } from '../../../support/recording-world.ts';

/** Whole but for its last seconds, which GetMedia didn't bring, and the archive doesn't give. */
async function recorded() {
  const world = new RecordingWorld({
    archive: { retention: false },
    sessions: (_, start) => ({
      afterFragments: start.kind === 'serverTimestamp' ? 55 : 0,
      breakOff: 'stall',
    }),
  });
  world.talk(0, 60);
  await world.hangUpAt(60);
  await world.record();
  await world.assemble();
  return { world, access: new MemoryAccess(world) };
}

async function said(access: MemoryAccess, id: string): Promise<string> {
  const io = ioForTest();
  const args = { id, 'all-interrupted': false, wait: false, yes: true, 'dry-run': true, force: true };
  await resumeCalls(access, io, args);
  return io.said.err;
}

const KEPT = 'The present WAV is kept, unless the stream gives back more than that one holds';

test.each([
  ['nothing of a tape that is whole', 0, undefined],
  ['how much is left of one', 2, `by now: the tape has expired in part: 4 objects are left of 6. ${KEPT}`],
  ['that nothing is left', 6, `by now: the tape has expired. ${KEPT}`],
] as const)('%s', async (_, expired, words) => {
  const { world, access } = await recorded();
  const { keys } = world.tape;
  expect(keys).toHaveLength(6);
  for (const key of keys.slice(0, expired)) world.tape.tamper(key, undefined);

  const text = await said(access, world.newCall.recordingId);

  if (words === undefined) expect(text).not.toContain('by now');
  else expect(text).toContain(words);
});

test('that nothing is left, where the checkpoint has gone as well', async () => {
  const { world, access } = await recorded();
  for (const key of world.tape.keys) world.tape.tamper(key, undefined);
  const { recordingId } = world.newCall;
  world.checkpoints.tamper(recordingId, undefined);
  expect(await said(access, recordingId)).toContain(`by now: the tape has expired. ${KEPT}`);
});
