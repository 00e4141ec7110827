/**
 * Tells which of AWS's quotas so many calls at once meet, and which first. Quotas are defaults as docs/CAPACITY.md gives
 * them, with their sources; edit those of your account here.
 */

/** What one call takes while it is under way; rates are per second. */
export interface CallRates {
  /** Talk, on average. */
  readonly callSeconds: number;
  readonly tapePutsPerSecond: number;
  readonly checkpointWritesPerSecond: number;
  readonly callsReadsPerSecond: number;
}

export interface Quota {
  readonly name: string;
  readonly unit: string;
  /** AWS's default; undefined where it gives none: nothing can be said then. */
  readonly limit: number | undefined;
  /** What one call at once takes of it. */
  readonly perCall: (rates: CallRates) => number;
  readonly remedy: string;
}

/** The size of each recorder, as the stack deploys it. */
const TASK_VCPU = 0.25;
/** Lambda seconds per call: connect 0.5, six contact events of 0.1, assemble 5 (assumed; the dashboard shows the true ones). */
const LAMBDA_SECONDS = 0.5 + 6 * 0.1 + 5;
/** A recorder that hears nothing after the hang-up asks once, and so does the assembly. */
const DESCRIBE_CONTACT_PER_CALL = 2;
const DATA_ENDPOINTS_PER_CALL = 3;
const SESSION_SECONDS = 45 * 60;
const RECORD_WRITES_PER_CALL = 6;
const TRANSITIONS_PER_CALL = 5;
/** Made, assembling, completed, and one more: each is a write under the same day, and under its status. */
const INDEX_WRITES_PER_CALL = 4;

const starts = ({ callSeconds }: CallRates) => 1 / callSeconds;
const one = () => 1;

export const QUOTAS: readonly Quota[] = [
  {
    name: 'Fargate Spot vCPUs (L-36FBB829)',
    unit: 'vCPU',
    limit: 6,
    perCall: () => TASK_VCPU,
    remedy: 'ask for N / 4 and some more; what Spot hasn’t, On-Demand takes',
  },
  {
    name: 'Fargate On-Demand vCPUs (L-3032A538)',
    unit: 'vCPU',
    limit: 6,
    perCall: () => TASK_VCPU,
    remedy: 'ask for as many as of Spot: it is the fallback',
  },
  {
    name: 'Connect: DescribeContact',
    unit: 'a second',
    limit: 2,
    perCall: (rates) => DESCRIBE_CONTACT_PER_CALL * starts(rates),
    remedy: 'ask for more; what is refused counts as unknown, and the contact event says the same',
  },
  {
    name: 'Network interfaces in the region (L-DF5E4CA3)',
    unit: 'interfaces',
    limit: 5_000,
    perCall: one,
    remedy: 'ask for N and some more',
  },
  {
    name: 'ECS RunTask, and Fargate’s launch rate',
    unit: 'a second',
    limit: 20,
    perCall: starts,
    remedy: 'open a support case; starts that are throttled are tried again, and catch up',
  },
  {
    name: 'Video streams',
    unit: 'streams',
    limit: 10_000,
    perCall: one,
    remedy: 'ask for twice N: Connect uses a stream again, but not at once',
  },
  {
    name: 'Addresses of the own VPC’s subnets, two zones',
    unit: 'addresses',
    limit: 32_758,
    perCall: one,
    remedy: 'more zones, or subnets of your own (`network=existing`)',
  },
  {
    name: 'Network address usage of the VPC',
    unit: 'units',
    limit: 64_000,
    perCall: () => 2,
    remedy: 'ask for 256,000; without public addresses a recorder takes one unit',
  },
  {
    name: 'Kinesis Video: GetDataEndpoint',
    unit: 'a second',
    limit: 300,
    perCall: (rates) => DATA_ENDPOINTS_PER_CALL * starts(rates) + 1 / SESSION_SECONDS,
    remedy: 'it can’t be raised: another region, or account',
  },
  {
    name: 'DynamoDB: writes of a table, when it is new (it grows with use)',
    unit: 'units a second',
    limit: 4_000,
    perCall: (rates) => rates.checkpointWritesPerSecond + RECORD_WRITES_PER_CALL * starts(rates),
    remedy: 'warm the table up, or longer segments',
  },
  {
    name: 'S3: PUT of one prefix (a contact has its own; S3 splits them as they grow)',
    unit: 'a second',
    limit: 3_500,
    perCall: ({ tapePutsPerSecond }) => tapePutsPerSecond,
    remedy: 'none needed: prefixes are random; longer segments where S3 says SlowDown',
  },
  {
    name: 'Lambda: concurrent executions (L-B99A9384)',
    unit: 'at work',
    limit: 1_000,
    perCall: (rates) => LAMBDA_SECONDS * starts(rates),
    remedy: 'ask for more; new accounts have few, so look before you begin',
  },
  {
    name: 'Step Functions: StartExecution (smaller regions)',
    unit: 'a second',
    limit: 150,
    perCall: starts,
    remedy: 'ask for more, or one of the large regions (300)',
  },
  {
    name: 'Step Functions: state transitions',
    unit: 'a second',
    limit: undefined,
    perCall: (rates) => TRANSITIONS_PER_CALL * starts(rates),
    remedy: 'look at Service Quotas: new accounts have fewer',
  },
  {
    name: 'DynamoDB: writes under one key of an index (today, in `byDay`)',
    unit: 'units a second',
    limit: 1_000,
    perCall: (rates) => INDEX_WRITES_PER_CALL * starts(rates),
    remedy: 'none needed so far off; then several deployments, each with tables of its own',
  },
  {
    name: 'DynamoDB: reads of the calls table, when it is new',
    unit: 'units a second',
    limit: 12_000,
    perCall: ({ callsReadsPerSecond }) => callsReadsPerSecond,
    remedy: 'warm the table up',
  },
];

/** Where a listener goes on is written down this often (live/kept-states.ts). */
export const STATE_SECONDS = 10;
/** Of words, in the table (bench/words). */
export const ROWS_PER_MINUTE = 20;
const PIECES_A_SECOND = 1;

const rows = () => ROWS_PER_MINUTE / 60;

/** What is asked for besides, where somebody listens to each call: every one names the sink that asks for it. */
export const LISTENED_QUOTAS: readonly Quota[] = [
  {
    name: '`transcribe`: concurrent streams (L-0599F82B)',
    unit: 'streams',
    limit: 25,
    perCall: one,
    remedy: 'ask for N and some more; a call without a stream is recorded, and its words are missing',
  },
  {
    name: '`transcribe`: StartStreamTranscription (L-2B06FDCC)',
    unit: 'a second',
    limit: 25,
    perCall: starts,
    remedy: 'ask for as many as calls begin in a second',
  },
  {
    name: '`pieces`: S3, PUT below `live/`, until S3 has split it',
    unit: 'a second',
    limit: 3_500,
    perCall: () => PIECES_A_SECOND + 1 / STATE_SECONDS,
    remedy:
      'let it grow: S3 splits what is busy, and until then says SlowDown, which is tried again; or longer pieces',
  },
  {
    name: '`transcribe`, `recognise`: writes of the transcripts table, when it is new',
    unit: 'units a second',
    limit: 4_000,
    perCall: rows,
    remedy: 'warm the table up',
  },
];

export interface Load {
  readonly quota: Quota;
  /** What so many calls at once take of it, for each of the asked numbers. */
  readonly taken: readonly number[];
  /** The least number of calls at once that is too many; Infinity where no limit is known. */
  readonly breaksAt: number;
}

/** In the order in which they break. */
export function loads(rates: CallRates, callsAtOnce: readonly number[], quotas = QUOTAS): Load[] {
  return quotas
    .map((quota) => {
      const perCall = quota.perCall(rates);
      return {
        quota,
        taken: callsAtOnce.map((calls) => perCall * calls),
        breaksAt: quota.limit === undefined ? Infinity : Math.floor(quota.limit / perCall + 1e-9) + 1,
      };
    })
    .toSorted((a, b) => a.breaksAt - b.breaksAt);
}
