/** The dashboard's graphs: what happens now first, then how recordings end, then the machinery and what it costs. */
import {
  ASSEMBLE_METRICS,
  CONNECT_METRICS,
  LIVE_METRICS,
  RESUME_METRICS,
  TASK_METRICS,
  WORDS_METRICS,
} from '../../contract/metrics.ts';
import type { FunctionName, Names } from '../../contract/names.ts';
import { expression, type Graph, line } from './graph.ts';
import {
  fargateMetric,
  functionMetric,
  ownMetric,
  queueMetric,
  type Statistic,
  tableMetric,
  workflowMetric,
} from './metric.ts';

export interface GraphOptions {
  readonly prefix: string;
  readonly names: Names;
  readonly stateMachineArn: string;
  readonly segmentSeconds: number;
  /** Those that are deployed. */
  readonly functions: readonly FunctionName[];
  readonly mediaStreamPrefix: string;
  readonly bucketName: string;
  /** Where somebody listens while people talk. */
  readonly listenedTo?: boolean;
  /** Where what they say is written down. */
  readonly writtenDown?: boolean;
}

export const PERIOD_SECONDS = 60;
const DAY_SECONDS = 86_400;

export function graphsOf(options: GraphOptions): Graph[] {
  return [
    ...now(options),
    ...endings(options),
    ...machinery(options),
    ...costs(options),
    ...(options.listenedTo === true ? listeners(options) : []),
    ...(options.writtenDown === true ? words(options) : []),
  ];
}

function now({ prefix, segmentSeconds }: GraphOptions): Graph[] {
  const of = (metric: (typeof TASK_METRICS)[keyof typeof TASK_METRICS], statistic: Statistic) =>
    ownMetric(prefix, metric, statistic);
  return [
    {
      title: 'Calls in progress (about)',
      lines: [
        // Each call stores one segment every so many seconds.
        expression(`segments * ${String(segmentSeconds)} / PERIOD(segments)`, 'calls being recorded'),
        line(of(TASK_METRICS.segmentLatencyMs, 'SampleCount'), 'segments', {
          id: 'segments',
          visible: false,
        }),
      ],
    },
    {
      title: 'Lag behind live',
      unit: 'ms',
      lines: [
        line(of(TASK_METRICS.mediaLagMs, 'Maximum'), 'furthest behind'),
        line(of(TASK_METRICS.mediaLagMs, 'p99'), 'p99'),
        line(of(TASK_METRICS.segmentLatencyMs, 'p99'), 'segment to tape, p99'),
      ],
      limit: { value: 60_000, label: 'alarm' },
    },
    {
      title: 'Starts',
      lines: [
        line(ownMetric(prefix, CONNECT_METRICS.starts), 'started'),
        line(ownMetric(prefix, CONNECT_METRICS.startFailures), 'could not be started'),
      ],
    },
  ];
}

function endings({ prefix }: GraphOptions): Graph[] {
  return [
    {
      title: 'Recordings by outcome',
      lines: [
        line(ownMetric(prefix, ASSEMBLE_METRICS.complete), 'complete'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.incomplete), 'incomplete'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.empty), 'empty'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.failed), 'failed'),
      ],
    },
    {
      title: 'Gaps',
      lines: [
        line(ownMetric(prefix, ASSEMBLE_METRICS.gaps), 'gaps'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.gapMs), 'silence for want of audio, ms', { yAxis: 'right' }),
      ],
    },
    {
      title: 'Resumes',
      lines: [
        line(ownMetric(prefix, TASK_METRICS.resumes), 'tasks that went on'),
        line(ownMetric(prefix, TASK_METRICS.reopenings), 'GetMedia opened again'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.attempts, 'Maximum'), 'most tasks for one call'),
        line(ownMetric(prefix, RESUME_METRICS.resumptions), 'broke off, and resumed'),
        line(ownMetric(prefix, RESUME_METRICS.givenUp), 'broke off, and given up'),
        line(ownMetric(prefix, RESUME_METRICS.failures), 'broke off, and can’t be resumed now'),
      ],
    },
  ];
}

function machinery(options: GraphOptions): Graph[] {
  const { prefix, names, stateMachineArn, mediaStreamPrefix, functions } = options;
  const execution = (name: string, label: string) => line(workflowMetric(stateMachineArn, name), label);
  return [
    {
      title: 'Executions',
      lines: [
        execution('ExecutionsStarted', 'started'),
        execution('ExecutionsSucceeded', 'done'),
        execution('ExecutionsFailed', 'failed'),
        execution('ExecutionsTimedOut', 'timed out'),
        execution('ExecutionsAborted', 'stopped by hand'),
      ],
    },
    {
      title: 'Throttles and errors',
      lines: [
        execution('ExecutionThrottled', 'executions held back'),
        ...functions.flatMap((name) => [
          line(functionMetric(names.function(name), 'Throttles'), `${name} throttled`),
          line(functionMetric(names.function(name), 'Errors'), `${name} errors`),
        ]),
        line(tableMetric(names.checkpointsTable, 'WriteThrottleEvents'), 'checkpoints throttled'),
        line(tableMetric(names.callsTable, 'WriteThrottleEvents'), 'calls throttled'),
      ],
    },
    {
      title: 'Streams and events',
      lines: [
        expression(streamSearch(mediaStreamPrefix, 'GetMedia.ConnectionErrors'), 'GetMedia refused'),
        expression(streamSearch(mediaStreamPrefix, 'PutMedia.Requests'), 'streams written to'),
        line(queueMetric(names.deadLetters, 'ApproximateNumberOfMessagesVisible'), 'dead letters'),
        line(ownMetric(prefix, ASSEMBLE_METRICS.announcementFailures), 'announcements refused'),
        expression(streamSearch(mediaStreamPrefix, 'GetMedia.OutgoingBytes'), 'bytes read', {
          yAxis: 'right',
        }),
      ],
    },
  ];
}

/** Streams come and go: the sum over all that there are. */
function streamSearch(mediaStreamPrefix: string, metric: string): string {
  const search = `{AWS/KinesisVideo,StreamName} MetricName="${metric}" "${mediaStreamPrefix}-connect"`;
  return `SUM(SEARCH('${search}', 'Sum', ${String(PERIOD_SECONDS)}))`;
}

function costs({ prefix, names, bucketName }: GraphOptions): Graph[] {
  return [
    {
      title: 'Fargate in the account',
      unit: 'vCPU',
      lines: [line(fargateMetric('Spot'), 'Spot'), line(fargateMetric('OnDemand'), 'On-Demand')],
    },
    {
      title: 'Requests and assembly',
      lines: [
        line(ownMetric(prefix, TASK_METRICS.fragments), 'fragments stored'),
        line(tableMetric(names.checkpointsTable, 'ConsumedWriteCapacityUnits'), 'checkpoint writes'),
        line(tableMetric(names.callsTable, 'ConsumedWriteCapacityUnits'), 'call record writes'),
        line(functionMetric(names.function('assemble'), 'Duration'), 'assembly, ms', { yAxis: 'right' }),
      ],
    },
    {
      title: 'Kept in the bucket',
      unit: 'bytes',
      periodSeconds: DAY_SECONDS,
      lines: [
        line(
          {
            namespace: 'AWS/S3',
            name: 'BucketSizeBytes',
            dimensions: { BucketName: bucketName, StorageType: 'StandardStorage' },
            statistic: 'Average',
          },
          'tape and recordings',
        ),
      ],
    },
  ];
}

function listeners({ prefix }: GraphOptions): Graph[] {
  return [
    {
      title: 'Calls that are listened to',
      lines: [
        line(ownMetric(prefix, LIVE_METRICS.calls), 'to be listened to'),
        line(ownMetric(prefix, LIVE_METRICS.listeners), 'listeners begun'),
      ],
    },
    {
      title: 'Listeners behind what is said',
      unit: 'ms',
      lines: [
        line(ownMetric(prefix, LIVE_METRICS.behindMs, 'Maximum'), 'furthest behind'),
        line(ownMetric(prefix, LIVE_METRICS.behindMs, 'p99'), 'p99'),
      ],
      limit: { value: 30_000, label: 'alarm' },
    },
    {
      title: 'Listeners’ failures',
      lines: [
        line(ownMetric(prefix, LIVE_METRICS.failures), 'couldn’t be reached, or refused'),
        line(ownMetric(prefix, LIVE_METRICS.restarts), 'died, and begun anew'),
      ],
    },
  ];
}

function words({ prefix, names }: GraphOptions): Graph[] {
  return [
    {
      title: 'What is written down',
      lines: [
        line(ownMetric(prefix, WORDS_METRICS.begun), 'begun'),
        line(tableMetric(names.transcriptsTable, 'ConsumedWriteCapacityUnits'), 'writes of rows'),
        line(tableMetric(names.transcriptsTable, 'WriteThrottleEvents'), 'rows throttled'),
      ],
    },
    {
      title: 'Words behind what is said',
      unit: 'ms',
      lines: [
        line(ownMetric(prefix, WORDS_METRICS.behindMs, 'Maximum'), 'furthest behind'),
        line(ownMetric(prefix, WORDS_METRICS.behindMs, 'p99'), 'p99'),
      ],
      limit: { value: 60_000, label: 'alarm' },
    },
    {
      title: 'Words missing',
      lines: [
        line(ownMetric(prefix, WORDS_METRICS.untranscribedMs), 'not written down, ms'),
        line(ownMetric(prefix, WORDS_METRICS.eventFailures), 'events refused', { yAxis: 'right' }),
      ],
    },
  ];
}
