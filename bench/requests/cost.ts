/** What calls cost: requests as counted, times the prices of `bench/prices.json`. */
import type { Counts } from './count.ts';
import type { PriceList } from './prices.ts';

/** What one call uses beside requests. */
export interface Usage {
  readonly callSeconds: number;
  readonly mediaGb: number;
  readonly logGb: number;
  readonly transitions: number;
  /** CPU seconds of the assembly, on a whole core. */
  readonly assembleCpuSeconds: number;
  readonly events: number;
  /** The size of an item of the checkpoints table: a write costs a unit for each KB that was begun. */
  readonly checkpointBytes: number;
  /** Somebody listens while people talk. */
  readonly isLive: boolean;
  /** What is written down: the sizes of its rows, in bytes. */
  readonly rowBytes: readonly number[];
  /** A service is sent the call to write it down. */
  readonly isTranscribed: boolean;
}

/** The size of a task, as the stack deploys it. */
export const TASK_SIZE = { vcpu: 0.25, gb: 0.5 } as const;
/** The same where somebody listens (stacks/config/task-size.ts). */
export const LIVE_TASK_SIZE = { vcpu: 0.25, gb: 1 } as const;
const MEMORY_MB = { connect: 512, contactEvent: 256, assemble: 1024 } as const;

/** USD, by service. */
export type Cost = Record<string, number>;

/** A write to the calls table is counted as if it changed every key of its three indexes: 1 + 3 × 2 units. */
const UNITS_PER_CALLS_WRITE = 7;
const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;
/** X-Ray is told of each execution of the workflow; where many begin in one second, of the first and one in twenty. */
const TRACES_PER_CALL = 1;
const TASK_SECONDS_MIN = 60;

export interface Way {
  readonly spot: boolean;
  /** With an address of IPv4 for each task. */
  readonly network: 'public' | 'ipv6';
}

/** What one call costs. */
export function costOf(list: PriceList, counts: Counts, usage: Usage, { spot, network }: Way): Cost {
  const { prices, assumed } = list;
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const puts = of(...PUTS);
  const writes =
    of(...WRITES.map((name) => `${name} (checkpoints)`)) *
      Math.ceil(usage.checkpointBytes / WRITE_UNIT_BYTES) +
    of(...WRITES.map((name) => `${name} (calls)`)) * UNITS_PER_CALLS_WRITE +
    usage.rowBytes.reduce((units, bytes) => units + Math.ceil(bytes / WRITE_UNIT_BYTES), 0);
  const reads =
    of(...READS.flatMap((name) => TABLES.map((table) => `${name} (${table})`))) +
    unitsToReadAll(usage.rowBytes);
  const taskHours = Math.max(TASK_SECONDS_MIN, usage.callSeconds + assumed.taskOverheadSeconds) / 3_600;
  const { fargateArm: arm } = prices;
  const [vcpuHour, gbHour] = spot ? [arm.spotVcpuHour, arm.spotGbHour] : [arm.vcpuHour, arm.gbHour];
  const size = usage.isLive ? LIVE_TASK_SIZE : TASK_SIZE;
  return {
    Fargate: taskHours * (size.vcpu * vcpuHour + size.gb * gbHour),
    'public IPv4 address': network === 'public' ? taskHours * prices.network.publicIpv4Hour : 0,
    S3:
      (puts * prices.s3.thousandPuts + of('S3 GetObject', 'S3 HeadObject') * prices.s3.thousandGets) / 1_000,
    DynamoDB: (writes * prices.dynamoDb.millionWriteUnits + reads * prices.dynamoDb.millionReadUnits) / 1e6,
    'Step Functions': (usage.transitions * prices.stepFunctions.thousandTransitions) / 1_000,
    Lambda: lambdaCost(list, usage),
    'Kinesis Video (reading)': usage.mediaGb * prices.kinesisVideo.gbOut,
    'logs, events, traces':
      usage.logGb * prices.logs.gbIn +
      (usage.events * prices.eventBridge.millionEvents + TRACES_PER_CALL * prices.xray.millionTraces) / 1e6,
    'Amazon Transcribe': usage.isTranscribed
      ? (usage.callSeconds / 60) * prices.transcribe.streamedMinute
      : 0,
  };
}

/** The assembly reads all rows in one query, whose first unit is counted with the query. */
function unitsToReadAll(rowBytes: readonly number[]): number {
  const bytes = rowBytes.reduce((sum, one) => sum + one, 0);
  return Math.max(0, Math.ceil(bytes / READ_UNIT_BYTES) - 1);
}

const PUTS = [
  'S3 PutObject',
  'S3 UploadPart',
  'S3 CreateMultipartUpload',
  'S3 CompleteMultipartUpload',
  'S3 ListObjectsV2',
];
const WRITES = ['DynamoDB UpdateItem', 'DynamoDB PutItem', 'DynamoDB DeleteItem'];
const READS = ['DynamoDB GetItem', 'DynamoDB Query'];
const TABLES = ['checkpoints', 'calls', 'transcripts'];

/** A function of little memory has but a part of a core, and takes as much longer. */
function lambdaCost({ prices, assumed }: PriceList, { assembleCpuSeconds }: Usage): number {
  const assembleSeconds = assembleCpuSeconds / Math.min(1, MEMORY_MB.assemble / assumed.lambdaMbPerVcpu);
  const gbSeconds =
    (assembleSeconds * MEMORY_MB.assemble +
      assumed.connectSeconds * MEMORY_MB.connect +
      assumed.contactEvents * assumed.contactEventSeconds * MEMORY_MB.contactEvent) /
    1_024;
  const invocations = 2 + assumed.contactEvents;
  return gbSeconds * prices.lambda.gbSecondArm + (invocations * prices.lambda.millionRequests) / 1e6;
}

export function total(cost: Cost): number {
  return Object.values(cost).reduce((sum, value) => sum + value, 0);
}

/** So many calls of the kind. */
export function times(cost: Cost, calls: number): Cost {
  return Object.fromEntries(Object.entries(cost).map(([service, usd]) => [service, usd * calls]));
}
