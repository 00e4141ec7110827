/** How a recording ended: in the recorder's own word, or by what is known where it gave none. */
import { beforeEach, describe, expect, it } from 'vitest';
import { endedCheckpoint } from '../../../functions/assemble/ended.ts';
import type { EndReason } from '../../../recording/call-record.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID, recordOf } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import { RecordingWorld } from '../../support/recording-world.ts';

const RESUMED_ARN = `${EXECUTION_ARN}-r1`;
const AT = new Date(T0 + 25_000).toISOString();
const PROGRESS = { counters: NO_COUNTS, losses: [] };

let world: RecordingWorld;
beforeEach(() => {
  world = new RecordingWorld();
});

async function claimed() {
  const result = await world.checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
  if (!result.claimed) throw new Error('a new recording can be claimed');
  return result.claim;
}

/** A task saw this end; then somebody resumed the recording, and no task was to be had. */
async function resumedAfter(reason: EndReason): Promise<void> {
  await world.checkpoints.end(await claimed(), PROGRESS, { reason, at: AT });
  await world.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, RESUMED_ARN);
}

function recordSays(endReason: EndReason, endedAt?: string): void {
  const facts = { endReason, ...(endedAt !== undefined && { endedAt }) };
  world.calls.tamper(world.newCall, { ...recordOf(EXECUTION_ARN, facts) });
}

const ended = async (executionArn = EXECUTION_ARN) =>
  (await endedCheckpoint(world.assemblyPorts, RECORDING, executionArn)).ended;
const gaveUp = () => ({
  reason: 'RECORDER_GAVE_UP',
  at: new Date(world.clock.now()).toISOString(),
  why: expect.stringContaining('resume the recording while the stream still holds the audio') as unknown,
});

describe('what the recorder said', () => {
  it('stands, and nothing is written', async () => {
    const end = { reason: 'DISCONNECTED', at: AT } as const;
    await world.checkpoints.end(await claimed(), PROGRESS, end);
    expect(await ended()).toEqual(end);
    expect(await world.checkpoint).toMatchObject({ attempt: 1, ended: end });
  });

  it('stands where it came just before the fence', async () => {
    const claim = await claimed();
    const end = { reason: 'DISCONNECTED', at: AT } as const;
    const { checkpoints } = world;
    const read = checkpoints.read.bind(checkpoints);
    checkpoints.read = async (id) => {
      const seen = await read(id);
      await checkpoints.end(claim, PROGRESS, end);
      return seen;
    };
    expect(await ended()).toEqual(end);
  });
});

describe('where it said nothing', () => {
  it('it has given up, and is fenced off', async () => {
    await claimed();
    expect(await ended()).toEqual(gaveUp());
    expect(await world.checkpoint).toMatchObject({ attempt: 2, owner: EXECUTION_ARN, ended: gaveUp() });
  });

  it('and no task ever ran, it has given up', async () => {
    expect(await ended()).toEqual(gaveUp());
  });

  it('after a resumption, the end that had been seen stands', async () => {
    await resumedAfter('DISCONNECTED');
    expect(await ended(RESUMED_ARN)).toEqual({ reason: 'DISCONNECTED', at: AT });
    expect((await world.checkpoint)?.ended).toEqual({ reason: 'DISCONNECTED', at: AT });
  });

  it('after a resumption of what had given up, it has given up again', async () => {
    await resumedAfter('ACCESS_DENIED');
    // What the record says is of the same end.
    recordSays('DISCONNECTED', AT);
    expect(await ended(RESUMED_ARN)).toEqual(gaveUp());
  });

  it('and its checkpoint has gone, the record still tells of the end that was seen', async () => {
    recordSays('NEXT_CONTACT', AT);
    expect(await ended()).toEqual({ reason: 'NEXT_CONTACT', at: AT });
  });

  it.each<[string, EndReason, string | undefined]>([
    ['of an end that nobody saw', 'RECORDER_GAVE_UP', AT],
    ['of one at no time', 'DISCONNECTED', undefined],
  ])('and the record tells %s, it has given up', async (_, reason, at) => {
    recordSays(reason, at);
    expect(await ended()).toEqual(gaveUp());
  });

  it('and it had stored something since, it has given up, whatever the record says', async () => {
    recordSays('DISCONNECTED', AT);
    const position = { lastFragmentNumber: world.number(3) };
    await world.checkpoints.advance(await claimed(), { ...PROGRESS, position });
    expect(await ended()).toEqual(gaveUp());
  });
});
