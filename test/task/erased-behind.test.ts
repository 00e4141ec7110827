/** What a task that comes late does with audio of a recording that has been erased. */
import { describe, expect, it, vi } from 'vitest';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { recordingId } from '../../recording/identity.ts';
import { removeErasedBehind } from '../../task/erased-behind.ts';
import { EXECUTION_ARN } from '../support/call.ts';
import { range, RecordingWorld, spoken } from '../support/recording-world.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

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

describe('what was kept of a recording that has been erased', () => {
  /** Three fragments on the tape, each in an object of its own. */
  async function worldOfThree() {
    const world = new RecordingWorld();
    await world.calls.create(world.newCall);
    for (const index of range(0, 3)) {
      const [first, last] = [world.number(index), world.number(index)];
      await world.tape.append(world.recording, { first, last, bytes: world.document(index) });
    }
    const telemetry = new RecordedTelemetry();
    const erasure = new TableRecordErasure(world.calls.table);
    const remove = () => world.finish(removeErasedBehind({ ...world.ports, telemetry }, world.recording));
    return { world, lines: telemetry.lines, erasure, remove };
  }

  it('is cut off the tape, and that is said', async () => {
    const { world, lines, erasure, remove } = await worldOfThree();
    await erasure.noteNextStart(world.recording, world.number(1), NOTHING);
    await remove();
    expect(await keptFrom(world, 0n)).toEqual([world.number(0)]);
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'the contact’s next recording has been erased; nothing of it is kept here',
        fields: {},
      },
    ]);
  });

  it('is nothing where none has been erased, or the next of another one of the contact’s has', async () => {
    const { world, lines, erasure, remove } = await worldOfThree();
    const before = { ...world.recording, startFragmentNumber: world.number(-5) };
    const startFragmentNumber = before.startFragmentNumber.toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber });
    await erasure.noteNextStart(before, world.number(0), NOTHING);
    await remove();
    expect(await keptFrom(world, 0n)).toHaveLength(3);
    expect(lines).toEqual([]);
  });

  it('is nothing where the recording’s own record is gone', async () => {
    const { world, remove } = await worldOfThree();
    world.calls.tamper(world.newCall, undefined);
    await remove();
    expect(await keptFrom(world, 0n)).toHaveLength(3);
  });

  it('is looked for, and removed, as persistently as the tape is written', async () => {
    const { world, lines, erasure, remove } = await worldOfThree();
    await erasure.noteNextStart(world.recording, world.number(2), NOTHING);
    vi.spyOn(world.calls, 'ofContact').mockRejectedValueOnce(new Error('throttled'));
    vi.spyOn(world.tape, 'remove').mockRejectedValueOnce(new Error('SlowDown'));
    await remove();
    expect(await keptFrom(world, 0n)).toEqual([world.number(0), world.number(1)]);
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'could not look for what has been erased; it is tried again',
      'could not remove what has been erased; it is tried again',
    ]);
  });
});
