/** `bench/prices.json`: every price and every assumption, with where it comes from; edit it to your region and terms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from '../support/program.ts';
import type { Table } from '../support/results.ts';

const amount = v.pipe(v.number(), v.minValue(0));
const Price = v.object({ usd: amount, per: v.string(), source: v.string() });
const Assumption = v.object({ value: amount, what: v.string(), source: v.string() });

const usd = v.pipe(
  Price,
  v.transform((price) => price.usd),
);
const value = v.pipe(
  Assumption,
  v.transform((assumption) => assumption.value),
);
const fargate = v.object({ vcpuHour: usd, gbHour: usd });

/** USD; the names say per what. */
const Prices = v.object({
  region: v.string(),
  prices: v.object({
    fargateArm: v.object({ ...fargate.entries, spotVcpuHour: usd, spotGbHour: usd }),
    fargateX86: fargate,
    network: v.object({ publicIpv4Hour: usd }),
    dynamoDb: v.object({ millionWriteUnits: usd, millionReadUnits: usd }),
    s3: v.object({ thousandPuts: usd, thousandGets: usd }),
    stepFunctions: v.object({ thousandTransitions: usd }),
    kinesisVideo: v.object({ gbOut: usd, gbIn: usd, gbMonth: usd }),
    lambda: v.object({ gbSecondArm: usd, gbSecondX86: usd, millionRequests: usd }),
    logs: v.object({ gbIn: usd }),
    eventBridge: v.object({ millionEvents: usd }),
    xray: v.object({ millionTraces: usd }),
    transcribe: v.object({ streamedMinute: usd }),
  }),
  assumed: v.object({
    taskOverheadSeconds: value,
    connectSeconds: value,
    contactEventSeconds: value,
    contactEvents: value,
    lambdaMbPerVcpu: value,
    shortCallSeconds: value,
    rowsPerMinute: value,
    wordsPerRow: value,
  }),
});
export type PriceList = v.InferOutput<typeof Prices>;

const Sources = v.object({
  prices: v.record(v.string(), v.record(v.string(), Price)),
  assumed: v.record(v.string(), Assumption),
});

function read(): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'bench/prices.json'), 'utf8'));
}

export function readPrices(): PriceList {
  return v.parse(Prices, read());
}

/** The prices with their sources, as tables for the report. */
export function sourceTables(): Table[] {
  const { prices, assumed } = v.parse(Sources, read());
  return [
    {
      head: ['price', 'USD', 'per', 'source'],
      rows: Object.entries(prices).flatMap(([service, each]) =>
        Object.values(each).map(({ usd: price, per, source }) => [service, decimal(price), per, source]),
      ),
    },
    {
      head: ['assumed', 'what', 'source'],
      rows: Object.values(assumed).map(({ value: amount, what, source }) => [String(amount), what, source]),
    },
  ];
}

/** Not as 1.33e-5. */
function decimal(price: number): string {
  return price.toLocaleString('en', { maximumFractionDigits: 12, useGrouping: false });
}
