/** What a call-hour costs: requests as counted, times the prices of `bench/prices.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from '../support/program.ts';
import type { Counts } from './count.ts';

const price = v.pipe(v.number(), v.minValue(0));
const fargate = v.object({ vcpuHour: price, gbHour: price });

const Prices = v.object({
  source: v.string(),
  fargateArm: fargate,
  fargateX86: fargate,
  spotDiscount: price,
  publicIpv4Hour: price,
  dynamoDb: v.object({ millionWriteUnits: price, millionReadUnits: price }),
  s3: v.object({ thousandPuts: price, thousandGets: price }),
  stepFunctions: v.object({ thousandTransitions: price }),
  kinesisVideo: v.object({ gbOut: price, gbIn: price, gbMonth: price }),
  lambda: v.object({ gbSecondArm: price, gbSecondX86: price, millionRequests: price }),
  logs: v.object({ gbIn: price }),
  eventBridge: v.object({ millionEvents: price }),
});
export type Prices = v.InferOutput<typeof Prices>;

export function readPrices(): Prices {
  return v.parse(Prices, JSON.parse(readFileSync(join(ROOT, 'bench/prices.json'), 'utf8')));
}

/** Beside requests. */
export interface Usage {
  readonly mediaGb: number;
  readonly logGb: number;
  readonly transitions: number;
  /** Assembly and the small functions. */
  readonly lambdaGbSeconds: number;
  readonly invocations: number;
  readonly events: number;
}

export interface TaskSize {
  readonly vcpu: number;
  readonly gb: number;
}

/** USD, by service. */
export type Cost = Record<string, number>;

/** A write to the calls table is counted as if it changed every key of its three indexes: 1 + 3 × 2 units. */
const UNITS_PER_CALLS_WRITE = 7;
const CALLS_WRITES = 5;

export function costOf(prices: Prices, counts: Counts, usage: Usage, size: TaskSize, spot: boolean): Cost {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const puts = of(
    'S3 PutObject',
    'S3 UploadPart',
    'S3 CreateMultipartUpload',
    'S3 CompleteMultipartUpload',
    'S3 ListObjectsV2',
  );
  const writes = of('DynamoDB UpdateItem', 'DynamoDB PutItem') + CALLS_WRITES * (UNITS_PER_CALLS_WRITE - 1);
  const reads = of('DynamoDB GetItem', 'DynamoDB Query');
  const { fargateArm: arm } = prices;
  const fargate = size.vcpu * arm.vcpuHour + size.gb * arm.gbHour;
  return {
    Fargate: fargate * (spot ? 1 - prices.spotDiscount : 1),
    'public IPv4 address': prices.publicIpv4Hour,
    S3: (puts * prices.s3.thousandPuts + of('S3 GetObject') * prices.s3.thousandGets) / 1_000,
    DynamoDB: (writes * prices.dynamoDb.millionWriteUnits + reads * prices.dynamoDb.millionReadUnits) / 1e6,
    'Step Functions': (usage.transitions * prices.stepFunctions.thousandTransitions) / 1_000,
    Lambda:
      usage.lambdaGbSeconds * prices.lambda.gbSecondArm +
      (usage.invocations * prices.lambda.millionRequests) / 1e6,
    'Kinesis Video (reading)': usage.mediaGb * prices.kinesisVideo.gbOut,
    'logs and events':
      usage.logGb * prices.logs.gbIn + (usage.events * prices.eventBridge.millionEvents) / 1e6,
  };
}

export function total(cost: Cost): number {
  return Object.values(cost).reduce((sum, value) => sum + value, 0);
}

export interface PeerDesign {
  readonly name: string;
  readonly usd: number;
  readonly assumptions: string;
}

/** An hour of a call by the designs of others, with the same prices; what is assumed is said. */
export function peerDesigns(prices: Prices, mediaGb: number): PeerDesign[] {
  const { lambda, fargateX86: x86, s3, kinesisVideo } = prices;
  const read = mediaGb * kinesisVideo.gbOut;
  const lambdaHour = (gb: number, gbSecond: number) => 3_600 * gb * gbSecond;
  const java = (vcpu: number, gb: number) =>
    vcpu * x86.vcpuHour + gb * x86.gbHour + prices.publicIpv4Hour + read + (2 * s3.thousandPuts) / 1_000;
  return [
    {
      name: 'a Lambda a call, 512 MB',
      usd: lambdaHour(0.5, lambda.gbSecondX86) + read,
      assumptions:
        'x86, 0.5 GB for all of 3,600 s, in four invocations or more (15 min at most each); the file is written at the end, one PUT',
    },
    {
      name: 'a Lambda a call, 1,024 MB',
      usd: lambdaHour(1, lambda.gbSecondX86) + read,
      assumptions: 'as above, with 1 GB',
    },
    {
      name: 'a Lambda a call, 3,008 MB',
      usd: lambdaHour(3_008 / 1_024, lambda.gbSecondX86) + read,
      assumptions: 'as above, with 3,008 MB',
    },
    {
      name: 'Java on Fargate, 1 vCPU, 2 GB',
      usd: java(1, 2),
      assumptions: 'x86 On-Demand, one task a call for the whole hour, public address, two PUTs',
    },
    {
      name: 'Java on Fargate, 0.5 vCPU, 1 GB',
      usd: java(0.5, 1),
      assumptions: 'as above, at half the size',
    },
  ];
}
