/** One call through the whole system, with every request counted at the stand-ins. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { LocalCall } from '../../local/run/call.ts';
import { runCall } from '../../local/run/run-call.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import { recordingId } from '../../recording/identity.ts';
import { callOfSeconds } from '../support/call.ts';
import { type Counts, RequestCounter } from './count.ts';
import { itemBytes } from './item-bytes.ts';
import { readPrices } from './prices.ts';

export interface Counted {
  readonly counts: Counts;
  readonly transitions: number;
  /** Custom events that were published. */
  readonly events: number;
  readonly logBytes: number;
  /** The size that the item in the checkpoints table has in the end. */
  readonly checkpointBytes: number;
  /** Of each row of what was written down. */
  readonly rowBytes: readonly number[];
  /** When the calls table was queried: ms since the call began. */
  readonly queriedAtMs: readonly number[];
}

/** Of Connect, in a local run: the hang-up's. */
const DELIVERED_EVENTS = 1;

export interface CountOptions {
  /** Multiple of live; without it, as fast as it goes. */
  readonly pace?: number;
  /** Somebody listens: what its sinks are told. */
  readonly liveSinks?: Readonly<Record<string, string>>;
}

export async function countCall(
  call: LocalCall,
  segmentSeconds: number,
  { pace, liveSinks }: CountOptions = {},
): Promise<Counted> {
  const directory = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  const counter = new RequestCounter();
  let transitions = 0;
  const system = await startSystem({
    logsDir: directory,
    settings: { segmentSeconds },
    ...(liveSinks && { liveSinks }),
    faults: { dynamoDb: counter.dynamoDb, s3: counter.s3 },
    onExecutionEvent: ({ type }) => {
      if (type === 'StateEntered') transitions += 1;
    },
  });
  try {
    const beganAtMs = performance.now();
    const { record, events } = await runCall(system, call, pace === undefined ? {} : { pace });
    if (record?.status !== 'COMPLETE') throw new Error('the recording is not COMPLETE');
    counter.addContactEvents(readPrices().assumed.contactEvents - DELIVERED_EVENTS);
    for (const [operation, times] of Object.entries(system.kinesisVideo.requests)) {
      if (times > 0) counter.add(`Kinesis Video ${operation}`, times);
    }
    return {
      counts: counter.counts,
      // The execution's start is one more.
      transitions: transitions + 1,
      events: events.length,
      logBytes: await bytesIn(directory),
      checkpointBytes: await checkpointBytes(system, call),
      rowBytes: await rowBytes(system, call),
      queriedAtMs: counter.queriedAtMs.map((atMs) => atMs - beganAtMs),
    };
  } finally {
    await system.close();
    await rm(directory, { recursive: true });
  }
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Counts as DynamoDB does: names and values. It is a little too much, since a number is taken by its digits. */
async function checkpointBytes({ dynamoDb, tables }: System, call: LocalCall): Promise<number> {
  const Key = marshall({ recordingId: recordingId(call) });
  const { Item = {} } = await dynamoDb.send(new GetItemCommand({ TableName: tables.checkpoints, Key }));
  return Object.entries(unmarshall(Item)).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value)),
    0,
  );
}

/** @throws where something could not be written down: then less was asked for than is asked for of a call */
async function rowBytes({ dynamoDb, tables }: System, call: LocalCall): Promise<number[]> {
  const rows: number[] = [];
  const pages = paginateQuery(
    { client: dynamoDb },
    {
      TableName: tables.transcripts,
      KeyConditionExpression: 'recordingId = :id',
      ExpressionAttributeValues: marshall({ ':id': recordingId(call) }),
    },
  );
  for await (const { Items = [] } of pages)
    for (const item of Items.map((one) => unmarshall(one))) {
      if ('untranscribed' in item) throw new Error('not all of the call was written down: run it again');
      rows.push(itemBytes(item));
    }
  return rows;
}

const LIVE_SECONDS = 130;
/** The start and the end have reads of their own. */
const STEADY_MS = { from: 15_000, to: 128_000 } as const;

/** How often the calls table is read while audio flows: that goes by the clock, and is counted at live pace. */
export async function pollIntervalMs(): Promise<{ readonly ms: number; readonly polls: number }> {
  const { queriedAtMs } = await countCall(callOfSeconds(LIVE_SECONDS, { startedAtMs: Date.now() }), 10, {
    pace: 1,
  });
  const steady = queriedAtMs.filter((atMs) => atMs >= STEADY_MS.from && atMs <= STEADY_MS.to);
  const [first = NaN] = steady;
  return { ms: ((steady.at(-1) ?? NaN) - first) / (steady.length - 1), polls: steady.length };
}
