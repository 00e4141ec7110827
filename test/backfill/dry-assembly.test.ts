/** What assembling again would come to is what it comes to. */
import { expect, test } from 'vitest';
import { dryAssembly } from '../../backfill/dry-assembly.ts';
import { wholeCall } from '../../ports/calls/call-item.ts';
import { RecordingWorld } from '../support/recording-world.ts';

test('a tape of which some has gone, though as much was stored behind the last count, is judged as by an assembly', async () => {
  const world = new RecordingWorld({ archive: { retention: false } });
  const { tape, archive, clock, recording } = world;
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  await world.assemble();
  const calls = await world.calls.ofContact(recording.contactId);
  const [call] = calls;
  if (!call) throw new Error('it has been recorded');
  // By a task that was given up.
  const bytes = Buffer.concat(Array.from({ length: 15 }, (_, index) => world.document(25 + index)));
  await tape.append(recording, { first: world.number(25), last: world.number(39), bytes });
  tape.tamper(tape.keys[0] ?? '', undefined);

  const checkpoint = await world.checkpoint;
  const dry = await dryAssembly({ call: wholeCall(call), calls, checkpoint, tape, archive, clock });
  const { call: assembled } = await world.assemble();

  const kinds = dry.judgement.losses.map(({ kind }) => kind);
  expect(kinds).toContain('TAPE_DAMAGED');
  expect(kinds).toEqual(assembled?.losses?.map(({ kind }) => kind));
  expect(dry.judgement.verdict.status).toBe(assembled?.status);
  expect(dry.frames).toBe(assembled?.audio?.frames);
});
