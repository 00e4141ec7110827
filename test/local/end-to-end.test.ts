/** Calls through the whole system: the bundled programs, the real workflow, the SDK's clients, on stand-ins. */
import { beforeAll, describe, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { callInDump, callOf, type LocalCall } from '../../local/run/call.ts';
import {
  connectDocument,
  DEFAULT_LAYOUT,
  type Layout,
} from '../../local/standins/kinesis-video/connect-document.ts';
import { readDump } from '../../local/standins/kinesis-video/dump.ts';
import { CONTACT_ID } from '../support/call.ts';
import { difference, noise, produced, recordCall, silenced, STARTED_AT_MS } from '../support/local-run.ts';

const CUSTOMER = noise(7_000, 1);
const AGENT = noise(7_000, 2);
const BOTH = [CUSTOMER, AGENT];
const OTHER_CONTACT = 'ffffffff-0000-4000-8000-000000000001';

beforeAll(() => buildUnlessStanding());

const complete = {
  status: 'COMPLETE',
  attempts: 1,
  losses: [],
  verification: { method: 'LIST_FRAGMENTS', fragmentsMissing: 0 },
};

/** Calls that have gone through a media file and back, as `--media` reads it. */
async function fromDump(calls: readonly LocalCall[], contactId?: string): Promise<LocalCall> {
  const documents = calls.flatMap(({ own }) => own.map(({ document }) => document));
  return callInDump(await readDump(documents), contactId);
}

describe('a call is recorded, sample for sample', () => {
  test('as it is; and everybody hears of it', async () => {
    const call = produced(BOTH);

    const { channels, record, answer, events, execution, logs } = await recordCall(call);

    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({
      ...complete,
      contactId: CONTACT_ID,
      startFragmentNumber: call.startFragmentNumber.toString(),
      durationMs: 7000,
      endReason: 'DISCONNECTED',
      startedAt: new Date(call.startedAtMs).toISOString(),
      media: { fragments: call.own.length, gapCount: 0 },
    });
    expect(answer).toMatchObject({ recording: 'true', status: 'STARTED', contactId: CONTACT_ID });
    expect(events).toMatchObject([
      {
        source: 'callspool',
        detailType: 'Recording Completed',
        detail: { status: 'COMPLETE', audio: record.audio },
      },
    ]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    const lines = logs['task-1']?.trim().split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ contactId: CONTACT_ID });
  });

  test.each([0, 2.5, 4, 6.9])('with the first task killed once %d s are checkpointed', async (seconds) => {
    const { channels, record, killed, logs } = await recordCall(produced(BOTH), { killAtMs: seconds * 1000 });

    expect(killed).toBe(true);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({ ...complete, attempts: expect.any(Number) as number });
    expect(record.attempts).toBeGreaterThanOrEqual(2);
    expect(Object.keys(logs)).toContain('task-2');
  });

  test('whose end no event told, by a recorder that can’t reach Connect: a function asks it', async () => {
    const { channels, record, logs } = await recordCall(produced(BOTH), {
      asksByFunction: true,
      loseContactEvent: true,
    });
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({ ...complete, endReason: 'DISCONNECTED' });
    expect(Object.keys(logs)).toContain('ask-connect');
    expect(logs['task-1']).not.toContain('Connect doesn’t say');
  });

  test('in segments of a second', async () => {
    const { channels, record } = await recordCall(produced(BOTH), { settings: { segmentSeconds: 1 } });
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('with sessions that end every two fragments', async () => {
    const call = produced(BOTH);
    const { channels, record, sessions } = await recordCall(call, { kinesisVideo: { cutEveryFragments: 2 } });
    expect(sessions).toBeGreaterThan(call.own.length / 2);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('with sessions that end in the middle of a fragment', async () => {
    const call = produced(BOTH);
    const [first] = call.own;
    const cutAtBytes = Math.round((first?.document.length ?? 0) * 2.4);
    const { channels, record, sessions } = await recordCall(call, { kinesisVideo: { cutAtBytes } });
    expect(sessions).toBeGreaterThan(call.own.length / 3);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('from the middle of a stream that other contacts used before and after', async () => {
    const before = produced([noise(3000, 3), noise(3000, 4)], {
      contactId: OTHER_CONTACT,
      startedAtMs: STARTED_AT_MS - 5_000,
      seed: 2,
    });
    const after = produced([noise(3000, 5), noise(3000, 6)], {
      contactId: OTHER_CONTACT,
      startedAtMs: STARTED_AT_MS + 9_000,
      seed: 3,
    });
    const call = await fromDump([before, produced(BOTH), after], CONTACT_ID);
    expect([call.earlier.length, call.later.length]).toEqual([before.own.length, after.own.length]);

    const { channels, record } = await recordCall(call);

    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({ ...complete, media: { fragments: call.own.length } });
  });

  test('with silence in the place of two seconds that were not sent', async () => {
    const gaps = [0, 1].map((channel) => ({ channel, startMs: 2_500, lengthMs: 2_000 }));
    const { channels, record } = await recordCall(produced(BOTH, { gaps }));
    expect(
      difference(
        channels,
        BOTH.map((samples) => silenced(samples, 2_500, 4_500)),
      ),
    ).toBeUndefined();
    expect(record).toMatchObject({
      ...complete,
      media: {
        gapCount: 2,
        gaps: [
          { track: 'AUDIO_FROM_CUSTOMER', startMs: 2_500, lengthMs: 2_000 },
          { track: 'AUDIO_TO_CUSTOMER', startMs: 2_500, lengthMs: 2_000 },
        ],
      },
    });
  });

  test('with an agent who joins late', async () => {
    const customer = noise(9_000, 7);
    const agent = noise(9_000, 8);
    const { channels, record } = await recordCall(produced([customer, agent], { agentJoinsAtMs: 7_000 }));
    expect(difference(channels, [customer, silenced(agent, 0, 7_000)])).toBeUndefined();
    expect(record).toMatchObject({
      ...complete,
      media: { gaps: [{ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 7_000 }] },
    });
  });

  test('from a stream without retention, by the contact’s own record of it', async () => {
    const call = produced(BOTH);
    const { channels, record } = await recordCall(call, { retentionHours: 0 });
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({ ...complete, verification: { method: 'CONTACT_RECORDINGS' } });
  });

  test('with one track only', async () => {
    const { channels, record } = await recordCall(produced([CUSTOMER]));
    expect(difference(channels, [CUSTOMER, new Int16Array(CUSTOMER.length)])).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('with a last fragment that has no trailing tags, and no contact', async () => {
    const call = await fromDump([produced(BOTH, { lastTagless: true, lastContactless: true })]);
    const { channels, record } = await recordCall(call);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('shorter than a fragment', async () => {
    const short = [noise(200, 9), noise(200, 10)];
    const { channels, record } = await recordCall(produced(short));
    expect(difference(channels, short)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  const layouts: Partial<Layout>[] = [
    { firstTrack: 'agent', connectTags: 'before', segmentSize: { known: true, bytes: 8 } },
    { connectTags: 'after', clusterSize: { known: true, bytes: 8 }, eventsTag: true },
    { clusterSize: { known: false, bytes: 8 }, segmentSize: { known: false, bytes: 1 } },
  ];
  test.each(layouts)('in the layout %j', async (layout) => {
    const call = await fromDump([
      produced(BOTH, { layout: { ...DEFAULT_LAYOUT, ...layout }, oddBlocks: true }),
    ]);
    const { channels, record } = await recordCall(call);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });

  test('live, with a clock that is ahead', async () => {
    const { channels, record } = await recordCall(produced(BOTH, { clockSkewMs: 970 }), { pace: 4 });
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject(complete);
  });
});

describe('what can not be whole is declared', () => {
  test('fragments at another rate are left out, and the record says so', async () => {
    const { own } = produced(BOTH);
    const odd = produced(BOTH, { startedAtMs: STARTED_AT_MS + 7_000 }).own.map((fragment) => ({
      ...fragment,
      document: Buffer.from(
        Buffer.from(fragment.document).toString('latin1').replaceAll('rate=8000', 'rate=9999'),
        'latin1',
      ),
    }));
    const call = { ...produced(BOTH), own: [...own, ...odd] };
    const { channels, record } = await recordCall(call);
    expect(difference(channels, BOTH)).toBeUndefined();
    expect(record).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENT_UNUSABLE', firstFragmentNumber: odd[0]?.number.toString() }],
    });
  });

  test('a call without audio is an empty recording', async () => {
    const [fragment] = produced(BOTH).own;
    if (fragment === undefined) throw new Error('no fragment');
    const document = connectDocument(
      {
        ...fragment,
        segmentUid: new Uint8Array(16),
        channels: 2,
        contactId: CONTACT_ID,
        instanceId: 'i',
        mimeType: 'audio/L16;rate=8000;channels=1;',
        blocks: [],
        millisBehindNow: 0,
      },
      DEFAULT_LAYOUT,
    );
    const { record, channels } = await recordCall(callOf(CONTACT_ID, [], [{ ...fragment, document }], []));
    expect(record).toMatchObject({ status: 'EMPTY', why: expect.any(String) as string });
    expect(channels).toBeUndefined();
  });
});
