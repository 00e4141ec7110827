/** What a task that comes late does with audio of a recording that has been erased. */
import { describe, expect, it } from 'vitest';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { recordingId } from '../../recording/identity.ts';
import { EXECUTION_ARN } from '../support/call.ts';
import { range, RecordingWorld, spoken } from '../support/recording-world.ts';

const HEADER_BYTES = 44;
const NOTHING = { fragments: 0, live: 0 };

/** The tape's fragment numbers from the erased recording's start on. */
async function keptFrom(world: RecordingWorld, from: bigint): Promise<bigint[]> {
  const kept: bigint[] = [];
  for await (const { last } of world.tape.list(world.recording)) if (last >= from) kept.push(last);
  return kept;
}

/** The contact's next recording began at the 25th second, and was erased at the 38th; its record tells nothing of it any more. */
async function worldOfErased(): Promise<{ readonly world: RecordingWorld; readonly next: bigint }> {
  const world = new RecordingWorld();
  const next = world.number(25);
  world.talk(0, 40);
  await world.hangUpAt(40);
  void world.clock
    .sleep(38_000)
    .then(() => new TableRecordErasure(world.calls.table).noteNextStart(world.recording, next, NOTHING));
  return { world, next };
}

describe('a task that has read into a recording which was erased meanwhile', () => {
  it('cuts its tape when it ends, and keeps what is its own', async () => {
    const { world, next } = await worldOfErased();
    expect(await world.record()).toBe('ended');
    expect(world.tape.history.some(({ object }) => object.last >= next)).toBe(true);
    expect(await keptFrom(world, next)).toEqual([]);
    const { wav } = await world.assemble();
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('cuts it when another task has claimed, too', async () => {
    const { world, next } = await worldOfErased();
    void world.clock
      .sleep(38_500)
      .then(() => world.checkpoints.claim(recordingId(world.recording), EXECUTION_ARN));
    expect(await world.record()).toBe('superseded');
    expect(world.tape.history.some(({ object }) => object.last >= next)).toBe(true);
    expect(await keptFrom(world, next)).toEqual([]);
  });
});
