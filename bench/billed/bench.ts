/** The seconds that a task lives beside its call: each of them named, and measured at live pace. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from '../../build.ts';
import { LIMITS } from '../../contract/limits.ts';
import { STATES } from '../../contract/record-states.ts';
import { runCall } from '../../local/run/run-call.ts';
import type { Hooks } from '../../local/standins/proxy.ts';
import { startSystem } from '../../local/system/system.ts';
import { callOfSeconds } from '../support/call.ts';
import { type Extent, runsOf } from '../support/options.ts';
import type { Measured } from '../support/results.ts';
import { median } from '../support/statistics.ts';

const RUNS = 3;
const CALL_SECONDS = 20;
const GRACE_SECONDS = LIMITS.graceSeconds.default;

/** What is seen from outside, in the order in which it comes; all in ms. */
interface Seen {
  launched: number;
  firstMedia: number;
  hungUp: number;
  /** The read of the calls table that told of the hang-up. */
  learnt: number;
  lastSession: number;
  lastCheckpoint: number;
  left: number;
}

export async function benchBilled(extent: Extent): Promise<Measured> {
  await buildAll();
  const runs: Seen[] = [];
  for (let run = 0; run < runsOf(RUNS, extent); run += 1) runs.push(await oneCall());
  const seconds = (from: keyof Seen, to: keyof Seen) =>
    median(runs.map((seen) => (seen[to] - seen[from]) / 1_000));
  const row = (what: string, from: keyof Seen, to: keyof Seen, why: string) => [
    what,
    seconds(from, to).toFixed(1),
    why,
  ];
  const beside =
    median(runs.map((seen) => seen.firstMedia - seen.launched + seen.left - seen.hungUp)) / 1_000;
  return {
    title: 'Seconds that are billed beside the call',
    ratios: [
      {
        name: 's of a task’s life before its first GetMedia and after the hang-up',
        value: Number(beside.toFixed(1)),
        better: 'less',
      },
    ],
    tables: [
      {
        head: ['', 's, median', 'what for'],
        rows: [
          row(
            'launch to first GetMedia',
            'launched',
            'firstMedia',
            'Node.js, the bundle, the claim, an endpoint',
          ),
          row(
            'hang-up to its being known',
            'hungUp',
            'learnt',
            'quiet is noticed after 2.5 s; then the table is read at once, and every 2 s',
          ),
          row(
            'until a session of afterwards is open',
            'learnt',
            'lastSession',
            'only such a one can show that nothing more comes',
          ),
          row(
            'its quiet',
            'lastSession',
            'lastCheckpoint',
            `the grace period, ${String(GRACE_SECONDS)} s (\`graceSeconds\`); what is left is stored meanwhile`,
          ),
          row('leaving', 'lastCheckpoint', 'left', '`ended` is written, the process ends'),
        ],
      },
    ],
    notes: [
      `A call of ${String(CALL_SECONDS)} s at live pace through the whole system, ${String(RUNS)} times. The contact event is delivered at once here; Connect’s comes within seconds.`,
      'Not in it, since it is AWS’s: finding a host, the network interface, pulling the image, from which Fargate bills; stopping the task.',
      'Connect names the last fragment where streaming was stopped, and then nothing is waited for. A hang-up names none. The grace period is what a late fragment is given: audio that is still on its way when the contact event has come already. A shorter one is a setting, and a risk: each second less is 0.0000009 USD a call on Spot, 0.0000028 On-Demand.',
    ],
  };
}

async function oneCall(): Promise<Seen> {
  const logsDir = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  const seen: Seen = {
    launched: NaN,
    firstMedia: NaN,
    hungUp: NaN,
    learnt: NaN,
    lastSession: NaN,
    lastCheckpoint: NaN,
    left: NaN,
  };
  const now = () => performance.now();
  const dynamoDb: Hooks = {
    request: ({ headers, body }) => {
      const target = String(headers['x-amz-target']);
      const text = body.toString();
      if (Number.isNaN(seen.left) && target.endsWith('.UpdateItem') && text.includes('-checkpoints'))
        seen.lastCheckpoint = now();
      if (Number.isNaN(seen.hungUp) && target.endsWith('.UpdateItem') && text.includes('disconnectedAt'))
        seen.hungUp = now();
      const isFirstRead =
        target.endsWith('.Query') && Number.isNaN(seen.learnt) && !Number.isNaN(seen.hungUp);
      if (isFirstRead) seen.learnt = now();
      return { kind: 'pass' };
    },
  };
  const system = await startSystem({
    logsDir,
    settings: { graceSeconds: GRACE_SECONDS },
    faults: { dynamoDb },
    kinesisVideo: {
      faults: ({ operation }) => {
        if (operation === 'getMedia') {
          if (Number.isNaN(seen.firstMedia)) seen.firstMedia = now();
          seen.lastSession = now();
        }
        return undefined;
      },
    },
    onExecutionEvent: ({ type, state }) => {
      if (type !== 'StateEntered') return;
      if (state === STATES.spot) seen.launched = now();
      if (state === STATES.assemble) seen.left = now();
    },
  });
  try {
    const { record } = await runCall(system, callOfSeconds(CALL_SECONDS, { startedAtMs: Date.now() }), {
      pace: 1,
    });
    if (record?.status !== 'COMPLETE') throw new Error('the recording is not COMPLETE');
    return seen;
  } finally {
    await system.close();
    await rm(logsDir, { recursive: true });
  }
}
