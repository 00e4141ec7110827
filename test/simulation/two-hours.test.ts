/** Two hours on the phone, ten minutes of them on hold, with somebody who listens: every frame is there once. */
import { expect, test } from 'vitest';
import { scenarioOf } from './generate.ts';
import { runScenario } from './run.ts';
import type { BlockPlan, FragmentPlan, ListenerTrouble, Scenario } from './scenario.ts';

const RATE = 250;
const FRAGMENT_MS = 1_024;
const HOUR_MS = 3_600_000;
const HOLD_MS = 600_000;
const HOLD_AT_MS = 50 * 60_000;

const BLOCKS: readonly BlockPlan[] = [0, 256, 512, 768].flatMap((atMs) =>
  ([0, 1] as const).map((channel) => ({ channel, atMs, frames: 64 })),
);

function fragments(): FragmentPlan[] {
  const count = Math.ceil((2 * HOUR_MS - HOLD_MS) / FRAGMENT_MS);
  const held = Math.ceil(HOLD_AT_MS / FRAGMENT_MS);
  return Array.from({ length: count }, (_, index) => ({
    part: 'ours',
    pauseMs: index === held ? HOLD_MS : 0,
    lengthMs: FRAGMENT_MS,
    latencyMs: 50,
    blocks: BLOCKS,
    contactTag: true,
    trailingTags: true,
    malformed: false,
    clockJumpMs: 0,
    noise: index + 1,
  }));
}

/** Sessions end after 45 minutes, as the service’s do. */
function twoHours(troubles: readonly ListenerTrouble[]): Scenario {
  const { call, ...rest } = scenarioOf(1);
  return {
    ...rest,
    call: {
      ...call,
      sampleRate: RATE,
      channels: 2,
      clockSkewMs: 0,
      startedAtMs: 0,
      executionAfterMs: 0,
      fragments: fragments(),
      eventAfterMs: 1_000,
      describeAfterMs: 1_000,
    },
    service: {
      keepMs: undefined,
      archive: false,
      listingDelayMs: 0,
      sessionMs: 45 * 60_000,
      chunkBytes: undefined,
      launchMs: 300,
      retriesMax: undefined,
    },
    settings: { segmentMs: 10_000, graceMs: 10_000, idleTimeoutMs: HOUR_MS, longestCallMs: 4 * HOUR_MS },
    faults: [],
    listening: {
      beginsMs: 0,
      windowMs: 500,
      slowMs: 0,
      unsureFrames: RATE,
      waitingBytesMax: 1_048_576,
      troubles,
    },
  };
}

const TROUBLES: readonly ListenerTrouble[] = [
  { kind: 'kill', atMs: 20 * 60_000, state: 'kept' },
  { kind: 'hang', atMs: 44.9 * 60_000, ms: 60_000 },
  { kind: 'kill', atMs: HOLD_AT_MS + HOLD_MS / 2, state: 'old' },
  { kind: 'cut', atMs: 80 * 60_000 },
  { kind: 'breakOff', atMs: 100 * 60_000, ms: 90_000 },
];

test.each([
  ['in peace', []],
  ['killed, hung, cut off and out of reach', TROUBLES],
] as const)(
  'two hours with a hold and cuts every 45 minutes, %s',
  { timeout: 300_000 },
  async (_, troubles) => {
    const { findings, world } = await runScenario(twoHours(troubles));
    expect(findings).toEqual([]);
    const expected = (2 * HOUR_MS * RATE) / 1_000;
    const frames = world.listening?.framesChecked ?? 0;
    expect(Math.abs(frames - expected)).toBeLessThanOrEqual((FRAGMENT_MS * RATE) / 1_000);
  },
);
