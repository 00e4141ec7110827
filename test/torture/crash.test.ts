/** Tasks that die, stand still or are asked to leave, in the whole system: not a sample is lost. */
import { beforeAll, describe, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../ports/tape/s3-tape.ts';
import { recordingId } from '../../recording/identity.ts';
import { noise, produced, silenced } from '../support/local-run.ts';
import { atRequest, type RequestMoment } from './moment.ts';
import { type Rig, torture } from './rig.ts';
import { freeze, kill, wake } from './scenarios.ts';
import { plainTrial, type Trial } from './trial.ts';

beforeAll(() => buildUnlessStanding());

const SEED = 20_260_314;
const trial = () => plainTrial(5_000, 3);
const TERMINATED = { code: 143, signal: null };
const KILLED = { code: null, signal: 'SIGKILL' };

describe('SIGKILL', () => {
  test.each<RequestMoment>([
    { service: 'dynamoDb', operation: 'UpdateItem', moment: 'after', nth: 1 },
    { service: 's3', moment: 'before', nth: 2 },
    { service: 's3', moment: 'after', nth: 1 },
    { service: 'dynamoDb', operation: 'UpdateItem', moment: 'before', nth: 3 },
  ])('at a step of its work: %j', async (moment) => {
    const act = async (rig: Rig) => {
      const task = await rig.task(1);
      await atRequest(rig, moment, 'SIGKILL', () => task?.kill('SIGKILL'));
    };
    const { exits, result } = await torture({ name: 'kill', trial, act }, SEED);
    expect(exits).toEqual([KILLED, { code: 0, signal: null }]);
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
  });

  test.each([SEED + 1, SEED + 2])('at random moments, seed %d', async (seed) => {
    const { result } = await torture(kill, seed);
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
  });
});

describe('SIGSTOP, a successor, and SIGCONT', () => {
  const zombie = (wakes: (rig: Rig) => Promise<void>) => async (rig: Rig) => {
    const task = await rig.task(1);
    if (task === undefined) throw new Error('no task');
    // It has stored a tape object, and is about to say so in its checkpoint.
    await atRequest(
      rig,
      { service: 'dynamoDb', operation: 'UpdateItem', moment: 'before', nth: 2 },
      'SIGSTOP',
      () => {
        freeze(task);
      },
    );
    task.lose();
    await rig.task(2);
    await wakes(rig);
    await wake(rig, task);
  };

  test('the zombie wakes while its successor records: it leaves, and asks for a new task', async () => {
    const act = zombie(async (rig) => {
      await atRequest(
        rig,
        { service: 's3', moment: 'after', nth: 1 },
        'the successor stores',
        () => undefined,
      );
    });
    const { exits, result } = await torture({ name: 'zombie', trial: () => plainTrial(8_000, 2), act }, SEED);
    expect(exits).toEqual([
      { code: 3, signal: null },
      { code: 0, signal: null },
    ]);
    expect(result.record).toMatchObject({ attempts: 2 });
  });

  test('the zombie wakes when all is over: it leaves, and nothing is left to do', async () => {
    const act = zombie((rig) => rig.over);
    const { exits, result } = await torture({ name: 'zombie', trial, act }, SEED);
    expect(exits).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(result.record).toMatchObject({ attempts: 2 });
  });
});

describe('SIGTERM', () => {
  /** Two seconds of audio, a pause in which everything that came has been read, and two seconds more. */
  function pausing(): Trial {
    const channels = [noise(12_000, 1), noise(12_000, 2)] as const;
    const gaps = [0, 1].map((channel) => ({ channel, startMs: 2_000, lengthMs: 8_000 }));
    return {
      ...plainTrial(1_000, 4),
      call: produced(channels, { gaps }),
      channels: [silenced(channels[0], 2_000, 10_000), silenced(channels[1], 2_000, 10_000)],
      // Nothing would be stored by itself before the call is over.
      settings: { segmentSeconds: 300, graceSeconds: 0.5 },
    };
  }

  test('what was read is stored, the task leaves by itself, and its successor goes on behind it', async () => {
    const act = async (rig: Rig) => {
      const { call } = rig.trial;
      const { stream, dynamoDb, tables } = rig.system;
      const task = await rig.task(1);
      const beforePause = call.own.filter(
        ({ serverTimestampMs }) => serverTimestampMs < call.startedAtMs + 5_000,
      );
      const isPause = () => stream.fragments.length >= beforePause.length;
      // A recorder that hears nothing looks whether the call is over: twice, so that it has waited in between.
      for (let looks = 0; looks < 2;) {
        const look = { service: 'dynamoDb', operation: 'Query', moment: 'after', nth: 1 } as const;
        await atRequest(rig, look, 'a look at the call', () => {
          if (isPause()) looks += 1;
        });
      }
      await task?.kill('SIGTERM');
      await expect(task?.exited).resolves.toEqual(TERMINATED);
      const checkpoints = new TableCheckpoints(checkpointsIn(dynamoDb, tables.checkpoints), systemClock);
      const checkpoint = await checkpoints.read(recordingId(call));
      const last = checkpoint?.position?.lastFragmentNumber ?? 0n;
      // Where the machine is slow, the pause may have been over.
      expect(last).toBeGreaterThanOrEqual(beforePause.at(-1)?.number ?? 0n);
      expect(checkpoint?.counters.fragments).toBe(call.own.filter(({ number }) => number <= last).length);
      expect(await onTape(rig)).toEqual([{ first: call.own[0]?.number, last }]);
    };
    const { exits, result } = await torture({ name: 'terminate', trial: pausing, act }, SEED);
    expect(exits).toEqual([TERMINATED, { code: 0, signal: null }]);
    expect(result.record).toMatchObject({ attempts: 2, media: { gapCount: 2 } });
  });

  async function onTape({ system, trial: { call } }: Rig): Promise<{ first: bigint; last: bigint }[]> {
    const objects: { first: bigint; last: bigint }[] = [];
    for await (const { first, last } of new S3Tape(system.s3, system.bucket).list(call))
      objects.push({ first, last });
    return objects;
  }
});
