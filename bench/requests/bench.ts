/** Requests and dollars per call-hour: counted at the stand-ins, with the whole system running. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildAll } from '../../build.ts';
import type { LocalCall } from '../../local/call.ts';
import { runCall } from '../../local/run-call.ts';
import { startSystem } from '../../local/system.ts';
import { bytesOf, callOfSeconds } from '../support/call.ts';
import type { Measured, Table } from '../support/results.ts';
import { costOf, peerDesigns, readPrices, total, type Cost, type Usage } from './cost.ts';
import { type Counts, RequestCounter } from './count.ts';

const HOUR_SECONDS = 3_600;
/** At live pace: what is asked by the clock and not by the fragment. */
const LIVE_SECONDS = 210;
const WINDOW_SECONDS = { from: 40, to: 190 } as const;
const SEGMENTS_SECONDS = [1, 10, 30] as const;
const SIZE = { vcpu: 0.25, gb: 0.5 };
/** As the stack deploys it. */
const ASSEMBLE_GB = 1;
/** Assumed: connect, and four contact events, 250 ms each at the memory that the stack gives them. */
const SMALL_GB_SECONDS = 0.25 * (0.5 + 4 * 0.25);

interface Run {
  readonly counts: Counts;
  readonly transitions: number;
  readonly invocations: number;
  readonly events: number;
  readonly logBytes: number;
  readonly assembleSeconds: number;
}

async function run(
  call: LocalCall,
  segmentSeconds: number,
  pace?: number,
  during?: (counter: RequestCounter) => Promise<void>,
): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  const counter = new RequestCounter();
  let transitions = 0;
  const assemble = { enteredMs: 0, leftMs: 0 };
  const system = await startSystem({
    logsDir: directory,
    settings: { segmentSeconds },
    faults: { dynamoDb: counter.dynamoDb, s3: counter.s3 },
    onExecutionEvent: ({ type, state }) => {
      if (type === 'StateEntered') transitions += 1;
      if (state !== 'Assemble') return;
      if (type === 'StateEntered') assemble.enteredMs = performance.now();
      if (type === 'StateExited') assemble.leftMs = performance.now();
    },
  });
  try {
    const watching = during?.(counter);
    const { record, events } = await runCall(system, call, pace === undefined ? {} : { pace });
    await watching;
    if (record?.status !== 'COMPLETE') throw new Error('the recording is not COMPLETE');
    for (const [operation, times] of Object.entries(system.kinesisVideo.requests)) {
      if (times > 0) counter.add(`Kinesis Video ${operation}`, times);
    }
    return {
      counts: counter.counts,
      // The execution's start is one more.
      transitions: transitions + 1,
      invocations: INVOCATIONS,
      events: events.length,
      logBytes: await bytesIn(directory),
      assembleSeconds: (assemble.leftMs - assemble.enteredMs) / 1000,
    };
  } finally {
    await system.close();
    await rm(directory, { recursive: true });
  }
}

/** connect, four contact events, assemble. */
const INVOCATIONS = 6;

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Reads of the calls table while audio flows, per second: they go by the clock. */
async function pollsPerSecond(): Promise<number> {
  const seen: number[] = [];
  const polls = ({ counts }: RequestCounter) =>
    (counts['DynamoDB Query'] ?? 0) + (counts['DynamoDB GetItem'] ?? 0);
  await run(callOfSeconds(LIVE_SECONDS, Date.now()), 10, 1, async (counter) => {
    await sleep(WINDOW_SECONDS.from * 1000);
    seen.push(polls(counter));
    await sleep((WINDOW_SECONDS.to - WINDOW_SECONDS.from) * 1000);
    seen.push(polls(counter));
  });
  const [first = NaN, second = NaN] = seen;
  return (second - first) / (WINDOW_SECONDS.to - WINDOW_SECONDS.from);
}

export async function benchRequests(): Promise<Measured> {
  await buildAll();
  const prices = readPrices();
  const call = callOfSeconds(HOUR_SECONDS);
  const mediaGb = bytesOf(call.own) / 1e9;
  const polls = Math.round((await pollsPerSecond()) * HOUR_SECONDS);
  const runs: { readonly segmentSeconds: number; readonly run: Run }[] = [];
  for (const segmentSeconds of SEGMENTS_SECONDS)
    runs.push({ segmentSeconds, run: withPolls(await run(call, segmentSeconds), polls) });

  const usageOf = ({ transitions, invocations, events, logBytes, assembleSeconds }: Run): Usage => ({
    mediaGb,
    logGb: logBytes / 1e9,
    transitions,
    lambdaGbSeconds: assembleSeconds * ASSEMBLE_GB + SMALL_GB_SECONDS,
    invocations,
    events,
  });
  const costs = runs.map(({ segmentSeconds, run }) => ({
    segmentSeconds,
    onDemand: costOf(prices, run.counts, usageOf(run), SIZE, false),
    spot: costOf(prices, run.counts, usageOf(run), SIZE, true),
  }));
  const peers = peerDesigns(prices, mediaGb);
  const [, ours] = costs;
  return {
    title: 'Requests and dollars per call-hour',
    ratios: ours
      ? [
          {
            name: 'USD per call-hour, On-Demand, 10 s segments',
            value: Number(total(ours.onDemand).toFixed(4)),
            better: 'less',
          },
          {
            name: 'USD per call-hour, Spot, 10 s segments',
            value: Number(total(ours.spot).toFixed(4)),
            better: 'less',
          },
        ]
      : [],
    tables: [
      requestTable(runs),
      costTable(costs),
      {
        head: ['design', 'USD per call-hour', 'assumed'],
        rows: peers.map(({ name, usd, assumptions }) => [name, usd.toFixed(4), assumptions]),
      },
    ],
    notes: [
      `Counted in an hour’s call through the whole system at full speed; the ${String(polls)} reads of the calls table that go by the clock are counted at live pace (${String(WINDOW_SECONDS.to - WINDOW_SECONDS.from)} s) and scaled to the hour, in place of those of the fast run.`,
      `Prices: \`bench/prices.json\` (${prices.source}). Fargate: ${String(SIZE.vcpu)} vCPU, ${String(SIZE.gb)} GB, ARM64, for 3,600 s; Spot at its full discount of ${String(prices.spotDiscount * 100)} %, which AWS doesn’t promise.`,
      'A public address a task is assumed; interface endpoints and NAT cost otherwise: docs/COSTS-NETWORK.md.',
      'Lambda: the assembly’s time on this machine (with its stand-ins on the same cores), at the memory that the stack gives it; four contact events and the connect Lambda at 250 ms each, assumed.',
      'GetMedia ends after about 45 minutes: one GetDataEndpoint and one GetMedia more than in the fast run. They cost nothing.',
      'Not counted: what Connect, Kinesis Video’s storage and the WAV’s storage cost, which are the same for every design; custom metrics and alarms, which are per deployment.',
      'The designs of others are priced from their assumptions, not run. None of them keeps a tape or a checkpoint, so that they spend nothing on storing pieces.',
    ],
  };
}

function withPolls(fast: Run, polls: number): Run {
  // In the fast run the table is read a few times at the end; that happens in an hour’s call as well.
  return {
    ...fast,
    counts: { ...fast.counts, 'DynamoDB Query': (fast.counts['DynamoDB Query'] ?? 0) + polls },
  };
}

function requestTable(runs: readonly { segmentSeconds: number; run: Run }[]): Table {
  const names = [...new Set(runs.flatMap(({ run }) => Object.keys(run.counts)))].sort();
  const line = (name: string, pick: (run: Run) => number | string) => [
    name,
    ...runs.map(({ run }) => String(pick(run))),
  ];
  return {
    head: [
      'requests per call-hour',
      ...runs.map(({ segmentSeconds }) => `segments of ${String(segmentSeconds)} s`),
    ],
    rows: [
      ...names.map((name) => line(name, ({ counts }) => counts[name] ?? 0)),
      line('Step Functions transitions', ({ transitions }) => transitions),
      line('Lambda invocations', ({ invocations }) => invocations),
      line('EventBridge events', ({ events }) => events),
      line('logs, KB', ({ logBytes }) => Math.round(logBytes / 1000)),
    ],
  };
}

function costTable(costs: readonly { segmentSeconds: number; onDemand: Cost; spot: Cost }[]): Table {
  const columns = costs.flatMap(({ segmentSeconds, onDemand, spot }) => [
    { head: `${String(segmentSeconds)} s, On-Demand`, cost: onDemand },
    { head: `${String(segmentSeconds)} s, Spot`, cost: spot },
  ]);
  const services = Object.keys(columns[0]?.cost ?? {});
  return {
    head: ['USD per call-hour', ...columns.map(({ head }) => head)],
    rows: [
      ...services.map((service) => [service, ...columns.map(({ cost }) => (cost[service] ?? 0).toFixed(5))]),
      ['**total**', ...columns.map(({ cost }) => `**${total(cost).toFixed(4)}**`)],
    ],
  };
}
