/** Requests and dollars per call-hour: counted at the stand-ins, with the whole system running. */
import { buildAll } from '../../build.ts';
import { LIMITS } from '../../contract/limits.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { SAVE_EVERY_MS } from '../../live/kept-states.ts';
import { assembleOnce } from '../assembly/bench.ts';
import { bytesOf, callOfSeconds } from '../support/call.ts';
import type { Extent } from '../support/options.ts';
import { buildProgram } from '../support/program.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { type Cost, costOf, LIVE_TASK_SIZE, TASK_SIZE, times, total, type Way } from './cost.ts';
import { peerDesigns } from './peers.ts';
import { type PriceList, readPrices, sourceTables } from './prices.ts';
import { countCall, type Counted, pollIntervalMs } from './run.ts';

const HOUR_SECONDS = 3_600;
/** What the stack sets unless it is told otherwise. */
const DEFAULT_SEGMENT_SECONDS = LIMITS.segmentSeconds.default;
const SEGMENTS_SECONDS = [1, 10, DEFAULT_SEGMENT_SECONDS] as const;
const SHORT = 'short calls';
const DEFAULT = `${String(DEFAULT_SEGMENT_SECONDS)} s`;
const GIVEN = 'given live';
const PIECES = 'given live as pieces of 1 s';
const WRITTEN = 'written down';
const TRANSCRIBED = 'written down by Amazon Transcribe';
/** USD per call-hour, without a public address. */
const TARGETS = { onDemand: 0.0125, spot: 0.0055, spotShort: 0.0085 } as const;
/** More than recording alone. */
const WRITTEN_TARGET = 0.004;
/** Whoever listens can follow at this many times live; the recorder doesn’t wait for it for long. */
const LIVE_PACE = 120;

interface Run {
  /** Its heading in the tables. */
  readonly name: string;
  readonly segmentSeconds: number;
  readonly callSeconds: number;
  readonly mediaGb: number;
  readonly assembleCpuSeconds: number;
  readonly counted: Counted;
  readonly isLive: boolean;
  readonly isTranscribed: boolean;
}

/** Where a listener goes on is written down this often: by the clock, so that a fast run shows little of it. */
const STATE_SECONDS = SAVE_EVERY_MS / 1_000;

/** With `--minutes`, the hour is that long, and its figures are of a call of that length. */
export async function benchRequests({ secondsMax }: Extent): Promise<Measured> {
  await buildAll();
  const list = readPrices();
  const longSeconds = Math.min(HOUR_SECONDS, secondsMax);
  const poll = await pollIntervalMs();
  const runs: Run[] = [];
  for (const segmentSeconds of SEGMENTS_SECONDS)
    runs.push(await run(`${String(segmentSeconds)} s`, longSeconds, segmentSeconds, poll.ms));
  for (const [name, sinks] of await listening(list))
    runs.push(await run(name, longSeconds, DEFAULT_SEGMENT_SECONDS, poll.ms, sinks));
  for (const each of runs) checkGiven(each, list);
  const written = runs.find(({ name }) => name === WRITTEN);
  // It asks AWS for as many rows, and the service for the minutes.
  if (written) runs.push({ ...written, name: TRANSCRIBED, isTranscribed: true });
  const short = await run(SHORT, list.assumed.shortCallSeconds, DEFAULT_SEGMENT_SECONDS, poll.ms);
  const calls = HOUR_SECONDS / short.callSeconds;
  const columns = [
    ...runs.flatMap((each) => columnsOf(list, each, HOUR_SECONDS / each.callSeconds)),
    ...columnsOf(list, short, calls),
  ];
  return {
    title: 'Requests and dollars per call-hour',
    ratios: ratiosOf(columns),
    tables: [
      requestTable([...runs.filter(({ isTranscribed }) => !isTranscribed), short]),
      costTable(columns, [...runs.map(({ name }) => [name, name] as const), [SHORT, SHORT]], 5),
      peerTable(list, runs, short, columns),
      ...sourceTables(),
    ],
    notes: notes(list, short, poll),
    // A shortened run is not for the README.
    ...(longSeconds === HOUR_SECONDS && {
      readme: [...readmeTables(columns), readmePeers(peerTable(list, runs, short, columns))],
    }),
  };
}

/** Who listens to a call, by its heading: the variables of its sinks. */
async function listening({
  assumed,
}: PriceList): Promise<readonly (readonly [string, Readonly<Record<string, string>>])[]> {
  const program = await buildProgram('requests/chatter.ts');
  const { rowsPerMinute, wordsPerRow } = assumed;
  const recogniser = `'${process.execPath}' '${program}' ${String(rowsPerMinute)} ${String(wordsPerRow)}`;
  return [
    [GIVEN, { [LIVE_VARIABLES.sinks]: 'exec', [LIVE_VARIABLES.exec]: 'cat > /dev/null' }],
    [PIECES, { [LIVE_VARIABLES.sinks]: 'pieces' }],
    [WRITTEN, { [LIVE_VARIABLES.sinks]: 'recognise', [LIVE_VARIABLES.recogniser]: recogniser }],
  ];
}

function readmeTables(columns: readonly Column[]): Table[] {
  const recorded = [
    ['segments of 1 s', '1 s'],
    ['10 s', '10 s'],
    [`${DEFAULT} (default)`, DEFAULT],
    [`${DEFAULT}, in short calls`, SHORT],
  ] as const;
  const listened = [
    ['recorded', DEFAULT],
    ...[GIVEN, PIECES, WRITTEN, TRANSCRIBED].map((name) => [`and ${name}`, name] as const),
  ] as const;
  return [recorded, listened].map((shown) => costTable(columns, shown, 4));
}

/** What is assumed of each stands in the report. */
function readmePeers({ head, rows }: Table): Table {
  return { head: head.slice(0, 3), rows: rows.map((row) => row.slice(0, 3)) };
}

async function run(
  name: string,
  callSeconds: number,
  segmentSeconds: number,
  pollMs: number,
  liveSinks?: Readonly<Record<string, string>>,
): Promise<Run> {
  const call = callOfSeconds(callSeconds);
  const fast = await countCall(call, segmentSeconds, liveSinks && { liveSinks, pace: LIVE_PACE });
  const polls = Math.round((callSeconds * 1_000) / pollMs);
  const query = 'DynamoDB Query (calls)';
  const put = 'S3 PutObject';
  const states = liveSinks === undefined ? 0 : Math.floor(callSeconds / STATE_SECONDS);
  const counts = {
    ...fast.counts,
    [query]: (fast.counts[query] ?? 0) + polls,
    [put]: (fast.counts[put] ?? 0) + states,
  };
  const { cpuSeconds } = await assembleOnce(callSeconds, segmentSeconds);
  return {
    name,
    segmentSeconds,
    callSeconds,
    mediaGb: bytesOf(call.own) / 1e9,
    assembleCpuSeconds: cpuSeconds,
    counted: { ...fast, counts },
    isLive: liveSinks !== undefined,
    isTranscribed: false,
  };
}

/** @throws where the recorder had gone before whoever listens had been given all: then too little was counted */
function checkGiven({ name, callSeconds, counted }: Run, { assumed }: PriceList): void {
  const least = {
    [PIECES]: [counted.counts['S3 PutObject'] ?? 0, Math.floor(callSeconds)],
    [WRITTEN]: [counted.rowBytes.length, Math.floor((callSeconds * assumed.rowsPerMinute) / 60) - 1],
  }[name];
  const [found = 0, wanted = 0] = least ?? [];
  if (found < wanted)
    throw new Error(`${name}: ${String(found)} in place of ${String(wanted)} or more; run it again`);
}

/** How calls are recorded, as the tables call it; without IPv4 by `network=ipv6`. */
const WAYS = {
  'On-Demand': { spot: false, network: 'public' },
  Spot: { spot: true, network: 'public' },
  'On-Demand, without IPv4': { spot: false, network: 'ipv6' },
  'Spot, without IPv4': { spot: true, network: 'ipv6' },
} as const satisfies Record<string, Way>;
type WayName = keyof typeof WAYS;
const WAY_NAMES = ['On-Demand', 'Spot', 'On-Demand, without IPv4', 'Spot, without IPv4'] as const;

interface Column {
  readonly name: string;
  readonly way: WayName;
  readonly cost: Cost;
}

function columnsOf(list: PriceList, { name, counted, ...usage }: Run, calls: number): Column[] {
  const { counts, transitions, events, logBytes, checkpointBytes, rowBytes } = counted;
  const all = { ...usage, transitions, events, logGb: logBytes / 1e9, checkpointBytes, rowBytes };
  return WAY_NAMES.map((way) => ({
    name,
    way,
    cost: times(costOf(list, counts, all, WAYS[way]), calls),
  }));
}

function columnOf(columns: readonly Column[], name: string, way: WayName): Column {
  const found = columns.find((column) => column.name === name && column.way === way);
  if (!found) throw new Error(`nothing was counted of ${name}, ${way}`);
  return found;
}

function ratiosOf(columns: readonly Column[]): Ratio[] {
  const usd = (name: string, way: WayName, target?: number): Ratio => ({
    name: `USD per call-hour, ${way}${name === SHORT ? ', in short calls' : ''}`,
    value: Number(total(columnOf(columns, name, way).cost).toFixed(4)),
    better: 'less',
    ...(target !== undefined && { target }),
  });
  const more = (name: string, target?: number): Ratio => {
    const of = (one: string) => total(columnOf(columns, one, 'On-Demand').cost);
    return {
      name: `USD per call-hour more than recording, On-Demand, ${name}`,
      value: Number((of(name) - of(DEFAULT)).toFixed(4)),
      better: 'less',
      ...(target !== undefined && { target }),
    };
  };
  return [
    usd(DEFAULT, 'On-Demand, without IPv4', TARGETS.onDemand),
    usd(DEFAULT, 'Spot, without IPv4', TARGETS.spot),
    usd(SHORT, 'Spot, without IPv4', TARGETS.spotShort),
    usd(DEFAULT, 'On-Demand'),
    usd(DEFAULT, 'Spot'),
    usd(SHORT, 'Spot'),
    more(GIVEN),
    more(PIECES),
    more(WRITTEN, WRITTEN_TARGET),
    more(TRANSCRIBED),
  ];
}

function requestTable(runs: readonly Run[]): Table {
  const names = [...new Set(runs.flatMap(({ counted }) => Object.keys(counted.counts)))].sort();
  const line = (name: string, pick: (counted: Counted) => number | string) => [
    name,
    ...runs.map(({ counted }) => String(pick(counted))),
  ];
  return {
    head: [
      'requests of one call',
      ...runs.map(
        ({ name, segmentSeconds, callSeconds, isLive }) =>
          `${String(callSeconds / 60)} min, segments of ${String(segmentSeconds)} s${isLive ? `, ${name}` : ''}`,
      ),
    ],
    rows: [
      ...names.map((name) => line(name, ({ counts }) => counts[name] ?? 0)),
      line('Step Functions transitions', ({ transitions }) => transitions),
      line('EventBridge events', ({ events }) => events),
      line('logs, KB', ({ logBytes }) => Math.round(logBytes / 1000)),
      line('item in the checkpoints table, bytes', ({ checkpointBytes }) => checkpointBytes),
      line('rows of what was said', ({ rowBytes }) => rowBytes.length),
      line('the largest of them, bytes', ({ rowBytes }) => Math.max(0, ...rowBytes)),
      ['assembly, CPU s', ...runs.map(({ assembleCpuSeconds }) => assembleCpuSeconds.toFixed(2))],
    ],
  };
}

/**
 * A column each setting: Spot and the address cost another amount in one row each.
 * @param shown the columns’ headings, and whose they are
 */
function costTable(
  columns: readonly Column[],
  shown: readonly (readonly [string, string])[],
  digits: number,
): Table {
  const costs = (way: WayName) => shown.map(([, name]) => columnOf(columns, name, way).cost);
  const onDemand = costs('On-Demand');
  const services = Object.keys(onDemand[0] ?? {}).filter((service) =>
    onDemand.some((cost) => (cost[service] ?? 0) > 0),
  );
  const spot = costs('Spot');
  const lineOf = (name: string, all: readonly Cost[], service: string) => [
    name,
    ...all.map((cost) => (cost[service] ?? 0).toFixed(digits)),
  ];
  return {
    head: ['USD per call-hour', ...shown.map(([head]) => head)],
    rows: [
      lineOf('Fargate, On-Demand', onDemand, 'Fargate'),
      lineOf('Fargate, Spot', spot, 'Fargate'),
      ...services
        .filter((service) => service !== 'Fargate')
        .map((service) => lineOf(service, onDemand, service)),
      ...WAY_NAMES.map((way) => [
        `**total, ${way}**`,
        ...costs(way).map((cost) => `**${total(cost).toFixed(4)}**`),
      ]),
    ],
  };
}

/** Beside ours, by the hour and in short calls. */
function peerTable(list: PriceList, runs: readonly Run[], short: Run, columns: readonly Column[]): Table {
  const long = runs.find(({ segmentSeconds }) => segmentSeconds === DEFAULT_SEGMENT_SECONDS) ?? short;
  const hours = HOUR_SECONDS / long.callSeconds;
  const calls = HOUR_SECONDS / short.callSeconds;
  const inShort = peerDesigns(list, short.callSeconds, short.mediaGb);
  const own = (way: WayName) =>
    [DEFAULT, SHORT].map((name) => total(columnOf(columns, name, way).cost).toFixed(4));
  return {
    head: ['design', 'USD per call-hour, one call', 'in short calls', 'assumed'],
    rows: [
      ...WAY_NAMES.map((way) => [`callspool, ${way}`, ...own(way), 'as counted']),
      ...peerDesigns(list, long.callSeconds, long.mediaGb).map(({ name, usd, assumptions }, index) => [
        name,
        (usd * hours).toFixed(4),
        ((inShort[index]?.usd ?? NaN) * calls).toFixed(4),
        assumptions,
      ]),
    ],
  };
}

function notes(
  { region, assumed }: PriceList,
  short: Run,
  poll: { readonly ms: number; readonly polls: number },
): string[] {
  return [
    `Counted in calls through the whole system at full speed. While audio flows, the calls table is also read by the clock: every ${(poll.ms / 1000).toFixed(1)} s, as seen between ${String(poll.polls)} reads at live pace. So many reads as the call’s length makes of it are **added** to those of the fast run, which are of its beginning and its end.`,
    `Short calls: ${String(HOUR_SECONDS / short.callSeconds)} of ${String(short.callSeconds / 60)} minutes, which is an hour of talk; what is paid per call weighs more.`,
    `Prices and assumptions: \`bench/prices.json\` (${region}), in the last two tables; edit it and run this again. **None was read off AWS’s live pages**: check before quoting.`,
    `Fargate: ${String(TASK_SIZE.vcpu)} vCPU, ${String(TASK_SIZE.gb)} GB, ARM64, for the call and ${String(assumed.taskOverheadSeconds)} s more. Spot’s price floats: at half of On-Demand’s, an hour costs 0.0018 more than here.`,
    `Given live, and written down: a task with a listener, of ${String(LIVE_TASK_SIZE.gb)} GB, at ${String(LIVE_PACE)} times live. Where the listener goes on is written by the clock, every ${String(STATE_SECONDS)} s: so many writes as the call’s length makes of it are **added**. \`${GIVEN}\`: to a program; \`socket\` and \`websocket\` ask AWS for as much. \`${PIECES}\`: a piece of each second in S3.`,
    `Written down: by a recogniser in the task, of which this counts the rows (${String(assumed.rowsPerMinute)} a minute of ${String(assumed.wordsPerRow)} words, assumed), their reading for the files beside the WAV, and those files; it hears nothing, and its CPU is in \`npm run bench -- words\`. A row is a write unit for each KB of it, as DynamoDB counts its size. By Amazon Transcribe: the same, and its price a minute, once for both channels.`,
    `Contact events: ${String(assumed.contactEvents)} a call are assumed, and a local run delivers one. For each of the others a read of the calls table and a write to it are **added**.`,
    'Without IPv4: `network=ipv6`, in the regions that docs/COSTS-NETWORK.md names; else a public address a task. NAT and interface endpoints cost otherwise.',
    'DynamoDB: a checkpoint is a unit a write for each KB of its item; a write to the calls table is counted as 7 units, as if it changed the keys of all three indexes; a read is one unit.',
    'Lambda: the assembly’s CPU seconds on this machine (the whole process, so that its start is in them), on the part of a core that its memory buys; AWS’s ARM64 cores may be slower or faster.',
    'A trace a call, as where calls begin seconds apart: the workflow is traced by X-Ray. The 100,000 a month that are free are not taken off, nor what else is free to begin with.',
    'Without IPv4 a function asks Connect, where a contact event is late: not counted, since it is a millionth of a dollar each time at most.',
    'GetMedia ends after about 45 minutes: one GetDataEndpoint and one GetMedia more than in the fast run. They cost nothing.',
    'Not counted: what Connect, Kinesis Video’s taking in and keeping, and the tape’s and the WAV’s storage cost; KMS (its bucket key makes requests few); custom metrics, alarms, the key and the dashboard, which are per deployment.',
    'The designs of others are priced from their assumptions, not run. None of them keeps a tape or a checkpoint, so that they spend nothing on storing pieces, and lose the call when they fail.',
  ];
}
