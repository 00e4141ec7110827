/** All that an assembly tells: the record, the JSON beside the WAV, the event, the metrics and the log. */
import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import { wavKey } from '../../../recording/audio/files/keys.ts';
import { RECORDING, RECORDING_ID } from '../../support/call.ts';
import { ramp, T0, type TestBlock } from '../../support/documents.ts';
import { RecordingWorld, type RecordingWorldOptions } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const NO_ARCHIVE = { archive: { retention: false } } as const;
const iso = (ms: number) => new Date(ms).toISOString();

async function assembled(world: RecordingWorld) {
  const telemetry = new RecordedTelemetry();
  const ports = { ...world.assemblyPorts, telemetry };
  await world.finish(assembleRecording(ports, world.assembleInput));
  const call = await world.calls.get(world.recording);
  if (call === undefined) throw new Error('there is no record');
  const [event] = world.events.published.slice(-1);
  return { call, json: world.json, event, metrics: telemetry.metrics, lines: telemetry.lines };
}

/** 25 s, of which nobody says anything for two. */
async function withPause(options: RecordingWorldOptions = {}): Promise<RecordingWorld> {
  const world = new RecordingWorld(options);
  world.talk(0, 10);
  world.talk(12, 25);
  await world.hangUpAt(25);
  await world.record();
  return world;
}

/** @param atMs its recorder is stopped then, and nobody goes on */
async function stopped(atMs: number): Promise<RecordingWorld> {
  const world = new RecordingWorld(NO_ARCHIVE);
  world.talk(0, 25);
  await world.calls.create(world.newCall);
  const stop = new AbortController();
  void world.clock.sleep(atMs).then(() => {
    stop.abort();
  });
  await world.record({ signal: stop.signal });
  return world;
}

describe('of a call in which nobody spoke for a while', () => {
  const gap = (track: string) => ({ track, startMs: 10_000, lengthMs: 2_000 });

  it('the record tells when it was, what is in it, and how that came', async () => {
    const world = await withPause();
    const { counters, ended } = (await world.checkpoint) ?? {};

    const { call, json } = await assembled(world);

    expect(call).toEqual({
      ...world.newCall,
      status: 'COMPLETE',
      disconnectedAt: iso(T0 + 25_000),
      endedAt: ended?.at,
      endReason: 'DISCONNECTED',
      durationMs: 25_000,
      attempts: 1,
      audio: expect.objectContaining({ key: wavKey(RECORDING, new Date(T0)), frames: 200_000 }) as unknown,
      media: {
        originMs: T0,
        fragments: 23,
        gapCount: 2,
        gapMs: { AUDIO_FROM_CUSTOMER: 2_000, AUDIO_TO_CUSTOMER: 2_000 },
        gaps: [gap('AUDIO_FROM_CUSTOMER'), gap('AUDIO_TO_CUSTOMER')],
        reanchored: 0,
        lateBlocks: 0,
        strayBlocks: 0,
        aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
        reopenings: counters?.reopenings,
        resumes: 0,
        maxBehindMs: counters?.maxBehindMs,
      },
      losses: [],
      verification: {
        method: 'LIST_FRAGMENTS',
        at: iso(world.clock.now()),
        fragmentsListed: 23,
        fragmentsMissing: 0,
      },
    });
    expect(json).toEqual(call);
  });

  it('the event tells which recording it is, how it ended, and where it is', async () => {
    const world = await withPause();
    world.calls.tamper(world.newCall, {
      ...world.calls.item(world.newCall),
      initialContactId: 'the-first',
      channel: 'VOICE',
      customerNumber: '+15550100',
      attributes: { tier: 'gold' },
    });

    const { call, event } = await assembled(world);

    const { executionArn, instanceArn, streamArn, startedAt, startFragmentNumber } = world.newCall;
    const { audio, endedAt } = call;
    expect(event).toEqual({
      detailType: 'Recording Completed',
      detail: {
        contactId: RECORDING.contactId,
        startFragmentNumber,
        recordingId: RECORDING_ID,
        streamArn,
        startedAt,
        instanceArn,
        executionArn,
        initialContactId: 'the-first',
        channel: 'VOICE',
        status: 'COMPLETE',
        endedAt,
        endReason: 'DISCONNECTED',
        durationMs: 25_000,
        audio,
        lossCount: 0,
      },
    });
  });

  it('the metrics count its gaps, on both tracks', async () => {
    const { metrics, lines } = await assembled(await withPause());

    expect(metrics).toEqual([
      {
        Gaps: 2,
        GapMs: 4_000,
        Attempts: 1,
        Complete: 1,
        Incomplete: 0,
        Empty: 0,
        Failed: 0,
        AnnouncementFailures: 0,
      },
    ]);
    expect(lines).toEqual([
      { level: 'info', message: 'assembled', fields: { status: 'COMPLETE', frames: 200_000 } },
    ]);
  });
});

describe('of a call whose times fit its audio badly', () => {
  it('the record tells how far which side ran ahead, and how many times could not be right', async () => {
    const world = new RecordingWorld();
    for (let second = 0; second < 25; second += 1) {
      const atMs = T0 + second * 1_000;
      const blocks: readonly TestBlock[] = [
        // One side's clock is 6 % fast, and once the other side's time is of 20 s later.
        { channel: 1, atMs, pcm: ramp(8_480, second * 8_480) },
        { channel: 0, atMs: second === 10 ? atMs + 20_000 : atMs, pcm: ramp(8_000, second * 8_000) },
      ];
      world.say(second, { blocks });
    }
    await world.hangUpAt(25);
    await world.record();

    const { call, json } = await assembled(world);

    expect(call).toMatchObject({
      status: 'COMPLETE',
      // All samples of the longer side.
      durationMs: 26_500,
      media: {
        gapCount: 0,
        strayBlocks: 1,
        lateBlocks: 0,
        // When the last fragment but one began: nobody can tell that the last one lasts.
        aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 23 * 60 },
      },
    });
    expect(json).toEqual(call);
  });
});

describe('of a call whose recorder stopped', () => {
  it('record, event, metrics and log say what it lacks, and why', async () => {
    const { call, json, event, metrics, lines } = await assembled(await stopped(15_500));

    const why = expect.stringContaining('the recorder stopped') as unknown;
    const said = { status: 'INCOMPLETE', why, endReason: 'RECORDER_GAVE_UP', durationMs: 15_000 };
    expect(call).toMatchObject({ ...said, attempts: 1, media: { resumes: 0 } });
    expect(json).toMatchObject(said);
    expect(event?.detail).toMatchObject({ ...said, lossCount: call.losses?.length });
    expect(metrics).toMatchObject([{ Attempts: 1, Complete: 0, Incomplete: 1, Empty: 0, Failed: 0 }]);
    expect(lines).toMatchObject([{ fields: { status: 'INCOMPLETE', why, frames: 120_000 } }]);
  });

  it('and went on in another task, the record counts both', async () => {
    const world = await stopped(5_500);
    await world.hangUpAt(25);
    await world.record();

    const { call, metrics } = await assembled(world);

    expect(call).toMatchObject({ attempts: 2, media: { resumes: 1, fragments: 25 } });
    expect(metrics).toMatchObject([{ Attempts: 2, Complete: 1 }]);
  });

  it('before it stored anything, the record has no audio, and counts nothing', async () => {
    const world = await stopped(100);
    const { call, event, metrics, lines } = await assembled(world);

    expect(call).toMatchObject({ status: 'FAILED', durationMs: 0, media: { fragments: 0, gapCount: 0 } });
    expect(call).not.toHaveProperty('audio');
    expect(call.media).not.toHaveProperty('originMs');
    expect(event?.detail).toMatchObject({ status: 'FAILED' });
    expect(metrics).toMatchObject([{ Complete: 0, Incomplete: 0, Empty: 0, Failed: 1 }]);
    expect(lines.at(-1)?.fields).toMatchObject({ status: 'FAILED', frames: undefined });
  });
});

it('a call without audio is counted as such', async () => {
  const world = new RecordingWorld();
  await world.hangUpAt(5);
  await world.record();

  const { call, metrics } = await assembled(world);

  expect(call).toMatchObject({ status: 'EMPTY', durationMs: 0 });
  expect(metrics).toMatchObject([{ Complete: 0, Incomplete: 0, Empty: 1, Failed: 0 }]);
});

it('nothing of an earlier result is left in the JSON where the next one says nothing of it', async () => {
  const world = new RecordingWorld({ archive: { retention: false } });
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  const [object] = world.tape.history.slice(1);
  const { key = '' } = object?.object ?? {};
  const bytes = Buffer.concat(await world.tape.read(key));
  world.tape.tamper(key, Buffer.from('not a tape'));
  const first = await assembled(world);
  expect(first.json).toMatchObject({ status: 'INCOMPLETE', why: first.call.why });
  world.tape.tamper(key, bytes);

  const { call, json } = await assembled(world);

  expect(call).toMatchObject({ status: 'COMPLETE' });
  expect(json).toEqual(JSON.parse(JSON.stringify(call)));
  expect(json).not.toHaveProperty('why');
});
