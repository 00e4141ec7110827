import { describe, expect, it } from 'vitest';
import { costOf, times, total, type Usage, type Way } from '../../../bench/requests/cost.ts';
import { peerDesigns } from '../../../bench/requests/peers.ts';
import { readPrices, sourceTables } from '../../../bench/requests/prices.ts';

const list = readPrices();
const { prices, assumed } = list;
const ON_DEMAND: Way = { spot: false, network: 'public' };
const NOTHING: Usage = {
  callSeconds: 3_600,
  mediaGb: 0,
  logGb: 0,
  transitions: 0,
  assembleCpuSeconds: 0,
  events: 0,
  checkpointBytes: 600,
  isLive: false,
  rowBytes: [],
  isTranscribed: false,
};

describe('costOf', () => {
  it('takes requests by what each of them costs', () => {
    const counts = {
      'S3 PutObject': 900,
      'S3 UploadPart': 100,
      'S3 GetObject': 1_000,
      'DynamoDB UpdateItem (checkpoints)': 1_000_000,
      'DynamoDB Query (calls)': 1_000_000,
    };

    const cost = costOf(list, counts, NOTHING, ON_DEMAND);

    expect(cost.S3).toBeCloseTo(prices.s3.thousandPuts + prices.s3.thousandGets, 12);
    expect(cost.DynamoDB).toBeCloseTo(
      prices.dynamoDb.millionWriteUnits + prices.dynamoDb.millionReadUnits,
      12,
    );
  });

  it('writes two units where a checkpoint has grown beyond a KB, and seven to the calls table', () => {
    const counts = { 'DynamoDB UpdateItem (checkpoints)': 1, 'DynamoDB PutItem (calls)': 1 };
    const units = (checkpointBytes: number) =>
      ((costOf(list, counts, { ...NOTHING, checkpointBytes }, ON_DEMAND).DynamoDB ?? 0) * 1e6) /
      prices.dynamoDb.millionWriteUnits;

    expect(units(1_024)).toBeCloseTo(8, 9);
    expect(units(1_025)).toBeCloseTo(9, 9);
  });

  it('writes a unit for each KB of a row that was begun, and reads all rows again for the files', () => {
    const dynamoDb = (rowBytes: number[], counts: Record<string, number> = {}) =>
      (costOf(list, counts, { ...NOTHING, rowBytes }, ON_DEMAND).DynamoDB ?? NaN) * 1e6;
    const { millionWriteUnits: write, millionReadUnits: read } = prices.dynamoDb;

    expect(dynamoDb([1_024, 1_025])).toBeCloseTo(3 * write, 9);
    // The first unit is the query’s own.
    expect(dynamoDb([4_096], { 'DynamoDB Query (transcripts)': 1 })).toBeCloseTo(4 * write + read, 9);
    expect(dynamoDb([4_097], { 'DynamoDB Query (transcripts)': 1 })).toBeCloseTo(5 * write + 2 * read, 9);
  });

  it('pays a service that writes it down by the minute', () => {
    const hour = costOf(list, {}, { ...NOTHING, isTranscribed: true }, ON_DEMAND);

    expect(hour['Amazon Transcribe']).toBeCloseTo(60 * prices.transcribe.streamedMinute, 12);
    expect(costOf(list, {}, NOTHING, ON_DEMAND)['Amazon Transcribe']).toBe(0);
  });

  it('bills a task a minute at least, and Spot at its own price', () => {
    const fargate = (callSeconds: number, spot: boolean) =>
      costOf(list, {}, { ...NOTHING, callSeconds }, { ...ON_DEMAND, spot }).Fargate ?? NaN;
    const minute = (0.25 * prices.fargateArm.vcpuHour + 0.5 * prices.fargateArm.gbHour) / 60;

    expect(fargate(1, false)).toBeCloseTo(minute, 12);
    expect(fargate(60, false)).toBeCloseTo((minute * (60 + assumed.taskOverheadSeconds)) / 60, 12);
    const spotHour = 0.25 * prices.fargateArm.spotVcpuHour + 0.5 * prices.fargateArm.spotGbHour;
    expect(fargate(3_600, true)).toBeCloseTo(spotHour * (1 + assumed.taskOverheadSeconds / 3_600), 12);
  });

  it('has no address to pay for without IPv4', () => {
    const address = (network: Way['network']) =>
      costOf(list, {}, NOTHING, { spot: true, network })['public IPv4 address'];

    expect(address('ipv6')).toBe(0);
    expect(address('public')).toBeGreaterThan(prices.network.publicIpv4Hour);
  });

  it('gives the assembly the part of a core that its memory buys', () => {
    const lambda = (assembleCpuSeconds: number) =>
      costOf(list, {}, { ...NOTHING, assembleCpuSeconds }, ON_DEMAND).Lambda ?? NaN;

    expect(lambda(1) - lambda(0)).toBeCloseTo(
      (assumed.lambdaMbPerVcpu / 1_024) * prices.lambda.gbSecondArm,
      15,
    );
  });

  it('is told of by logs, an event, and the workflow’s trace', () => {
    const told = (usage: Partial<Usage>) =>
      costOf(list, {}, { ...NOTHING, ...usage }, ON_DEMAND)['logs, events, traces'] ?? NaN;

    expect(told({})).toBeCloseTo(prices.xray.millionTraces / 1e6, 15);
    expect(told({ events: 1, logGb: 1 }) - told({})).toBeCloseTo(
      prices.logs.gbIn + prices.eventBridge.millionEvents / 1e6,
      12,
    );
  });

  it('counts nothing twice', () => {
    const cost = costOf(list, { 'S3 PutObject': 5 }, NOTHING, { ...ON_DEMAND, spot: true });

    expect(total(times(cost, 12))).toBeCloseTo(12 * total(cost), 12);
  });
});

describe('peerDesigns', () => {
  it('costs a Lambda by its memory and time alone, as far as they dominate', () => {
    const designs = peerDesigns(list, 3_600, 0);
    const java = designs.find(({ name }) => name.includes('512 MB'));

    expect(java?.usd).toBeGreaterThan(3_600 * 0.5 * prices.lambda.gbSecondX86);
    expect(java?.usd).toBeLessThan(3_600 * 0.5 * prices.lambda.gbSecondX86 * 1.01);
    for (const { assumptions } of designs) expect(assumptions).not.toBe('');
  });
});

describe('bench/prices.json', () => {
  it('names a source for every price and assumption', () => {
    for (const { rows } of sourceTables()) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row.at(-1)).not.toBe('');
    }
  });

  it('says of every price when it was looked up, or looked for', () => {
    const [table] = sourceTables();
    for (const row of table?.rows ?? []) expect(row.at(-1)).toMatch(/(looked up|on) \d+ \w+ 20\d\d/);
  });
});
