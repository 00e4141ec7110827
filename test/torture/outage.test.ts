/** Services that fail for a while, beneath a call: it takes longer, and not a sample is lost. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { violationsWhereGone } from './check.ts';
import type { Service, Trouble } from './gate.ts';
import { atRequest, type RequestMoment } from './moment.ts';
import { type Rig, torture } from './rig.ts';
import { plainTrial } from './trial.ts';

beforeAll(() => buildUnlessStanding());

const SEED = 20_260_314;
const OUTAGE_MS = 1_200;

/** Begins in the middle of the call: while it is claimed, read, stored or checkpointed. */
const BEGINNINGS: Readonly<Record<Service, RequestMoment>> = {
  s3: { service: 's3', moment: 'before', nth: 2 },
  dynamoDb: { service: 'dynamoDb', operation: 'UpdateItem', moment: 'before', nth: 2 },
  kinesisVideo: { service: 'kinesisVideo', operation: 'GetMedia', moment: 'before', nth: 2 },
};

async function outage(service: Service, trouble: Trouble, forMs: number): Promise<void> {
  const act = async (rig: Rig) => {
    await rig.task(1);
    await atRequest(rig, BEGINNINGS[service], trouble, () => rig.gates[service].begin(trouble));
    await rig.wait(forMs);
    await rig.gates[service].end();
  };
  const trial = () => ({ ...plainTrial(5_000, 3), kinesisVideo: { cutEveryFragments: 2 } });
  const { notes } = await torture({ name: 'outage', trial, act }, SEED);
  expect(notes).toEqual([expect.stringContaining(trouble)]);
}

describe.concurrent.each<Service>(['s3', 'dynamoDb', 'kinesisVideo'])('%s', (service) => {
  test.each<Trouble>(['errors', 'throttles', 'hangs', 'late', 'deaf', 'away'])('%s', async (trouble) => {
    await outage(service, trouble, OUTAGE_MS);
  });
});

test.concurrent(
  'DynamoDB hangs for longer than its clients wait, and then does what it was asked',
  async () => {
    await outage('dynamoDb', 'late', 6_000);
  },
);

test.concurrent(
  'what the stream forgets before anybody could read it is silence, and the record says so',
  async () => {
    const act = async (rig: Rig) => {
      const task = await rig.task(1);
      const { stream } = rig.system;
      const moment = { service: 'dynamoDb', operation: 'UpdateItem', moment: 'after', nth: 2 } as const;
      await atRequest(rig, moment, 'Kinesis Video is away, and the task dies', async () => {
        await rig.gates.kinesisVideo.begin('away');
        await task?.kill('SIGKILL');
      });
      const newest = stream.fragments.at(-1)?.number ?? 0n;
      const isGone = () => (stream.fragments[0]?.number ?? 0n) > newest;
      await vi.waitUntil(isGone, { timeout: 20_000, interval: 20 });
      await rig.gates.kinesisVideo.end();
    };
    const trial = () => ({ ...plainTrial(16_000, 2), bufferMs: 4_000 });
    await torture({ name: 'forget', trial, act, check: violationsWhereGone }, SEED);
  },
);
