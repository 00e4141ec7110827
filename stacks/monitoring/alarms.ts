/** What wakes somebody up. docs/OPERATING.md says what to do on each. */
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import type { Construct } from 'constructs';
import { ASSEMBLE_METRICS, CONNECT_METRICS, RESUME_METRICS, TASK_METRICS } from '../../contract/metrics.ts';
import type { FunctionName, Names } from '../../contract/names.ts';
import { ofListeners, ofWords } from './live-alarms.ts';
import { functionMetric, type Metric, ownMetric, queueMetric, ruleMetric, workflowMetric } from './metric.ts';

export interface Watched {
  readonly prefix: string;
  readonly names: Names;
  readonly stateMachineArn: string;
  readonly longestCallSeconds: number;
  /** True where a Connect instance is wired, and its events come. */
  readonly wired: boolean;
  /** True where somebody listens while people talk. */
  readonly listenedTo: boolean;
  /** Where whoever listens has a task of its own: media seconds of a segment, of which it hears when it is stored. */
  readonly apartSeconds: number | undefined;
  /** True where what they say is written down; whether an event bus is told of it, too. Undefined: it isn’t. */
  readonly words: { readonly told: boolean } | undefined;
  /** Those that are deployed. */
  readonly functions: readonly FunctionName[];
}

export interface Alarm {
  /** Follows the prefix in the alarm's name. */
  readonly what: string;
  readonly why: string;
  readonly metric:
    Metric | { readonly expression: string; readonly metrics: Readonly<Record<string, Metric>> };
  /** Goes off when the value is above this. */
  readonly above: number;
  readonly periodSeconds: number;
  readonly periods?: number;
}

const MINUTE = 60;
const QUARTER_HOUR = 900;
const LAG_MS_MAX = 60_000;
/** A caller who hangs up at once leaves an empty recording; several in a row have a cause. */
const EMPTY_MAX = 2;
const RESUMES_MAX = 10;
/** Beyond the longest call: for the task to start and leave, and for the assembly. */
const EXECUTION_MARGIN_SECONDS = 3_600;

/** Lambda itself tries events again, for hours: a burst is no trouble, one that doesn't end is. */
const WAITS_FOR_ITS_TURN: ReadonlySet<FunctionName> = new Set(['contact-event', 'resume']);
const LASTING = { periodSeconds: 5 * MINUTE, periods: 3 } as const;

export function alarmsOf(watched: Watched): Alarm[] {
  return [
    ...ofRecordings(watched),
    ...ofResuming(watched),
    ...ofTasks(watched),
    ...ofWorkflow(watched),
    ...ofFunctions(watched),
    ...(watched.listenedTo ? ofListeners(watched) : []),
    ...(watched.words ? ofWords(watched, watched.words.told) : []),
  ];
}

function ofRecordings({ prefix }: Watched): Alarm[] {
  return [
    {
      what: 'recording failed',
      why: 'No WAV could be made of a call. Its record says why, and what to do.',
      metric: ownMetric(prefix, ASSEMBLE_METRICS.failed),
      above: 0,
      periodSeconds: MINUTE,
    },
    {
      what: 'recording incomplete',
      why: 'There is evidence that audio of a call was lost. Its record says which, and why.',
      metric: ownMetric(prefix, ASSEMBLE_METRICS.incomplete),
      above: 0,
      periodSeconds: MINUTE,
    },
    {
      what: 'recordings empty',
      why: 'Several calls had no audio: is media streaming on, its retention above 0, its key allowed?',
      metric: ownMetric(prefix, ASSEMBLE_METRICS.empty),
      above: EMPTY_MAX,
      periodSeconds: QUARTER_HOUR,
    },
    {
      what: 'start failed',
      why: 'A call should have been recorded and its recording could not be started.',
      metric: ownMetric(prefix, CONNECT_METRICS.startFailures),
      above: 0,
      periodSeconds: MINUTE,
    },
  ];
}

function ofResuming({ prefix, names }: Watched): Alarm[] {
  return [
    {
      what: 'recordings given up',
      why: 'A recording was resumed again and again, and still lacks something. Its record says what to do.',
      metric: ownMetric(prefix, RESUME_METRICS.givenUp),
      above: 0,
      periodSeconds: MINUTE,
    },
    {
      what: 'resumptions failing',
      why: 'For most of an hour recordings that broke off could not be looked at or resumed; the log of the function resume says why.',
      metric: ownMetric(prefix, RESUME_METRICS.failures),
      above: 0,
      periodSeconds: QUARTER_HOUR,
      periods: 3,
    },
    {
      what: 'resumptions not begun',
      why: 'EventBridge could not invoke the function that resumes what broke off.',
      metric: ruleMetric(names.resumeRule, 'FailedInvocations'),
      above: 0,
      periodSeconds: MINUTE,
    },
    {
      what: 'announcements refused',
      why: 'The event bus did not take “Recording Completed”: is it still there? The recordings themselves are complete.',
      metric: ownMetric(prefix, ASSEMBLE_METRICS.announcementFailures),
      above: 0,
      periodSeconds: MINUTE,
    },
  ];
}

function ofTasks({ prefix }: Watched): Alarm[] {
  return [
    {
      what: 'recording behind live',
      why: 'A recorder is more than a minute behind its call. Nothing is lost while the stream keeps the audio.',
      metric: ownMetric(prefix, TASK_METRICS.mediaLagMs, 'Maximum'),
      above: LAG_MS_MAX,
      periodSeconds: MINUTE,
      periods: 2,
    },
    {
      what: 'tasks stuck: no audio',
      why: 'Recordings start, and no audio comes: tasks can’t be launched, can’t reach the streams, or hang.',
      metric: {
        expression: 'IF(FILL(starts, 0) > 0 AND FILL(fragments, 0) == 0, 1, 0)',
        metrics: {
          starts: ownMetric(prefix, CONNECT_METRICS.starts),
          fragments: ownMetric(prefix, TASK_METRICS.fragments),
        },
      },
      above: 0,
      periodSeconds: 5 * MINUTE,
      periods: 2,
    },
    {
      what: 'tasks stuck: restarting',
      why: 'Recorders start again and again: they crash, hang, or are taken away by Spot.',
      metric: ownMetric(prefix, TASK_METRICS.resumes),
      above: RESUMES_MAX,
      periodSeconds: QUARTER_HOUR,
    },
  ];
}

function ofWorkflow({ stateMachineArn, longestCallSeconds }: Watched): Alarm[] {
  const of = (name: string) => ({
    metric: workflowMetric(stateMachineArn, name),
    above: 0,
    periodSeconds: MINUTE,
  });
  return [
    {
      what: 'execution failed',
      why: 'An execution ended in Fail: the record of its call says FAILED, or could not be written.',
      ...of('ExecutionsFailed'),
    },
    {
      what: 'executions throttled',
      why: 'Step Functions holds executions back: ask for a higher state transition quota.',
      ...of('ExecutionThrottled'),
    },
    {
      what: 'execution too long',
      why: 'An execution took longer than the longest call allowed.',
      metric: workflowMetric(stateMachineArn, 'ExecutionTime', 'Maximum'),
      above: (longestCallSeconds + EXECUTION_MARGIN_SECONDS) * 1_000,
      periodSeconds: MINUTE,
    },
  ];
}

function ofFunctions({ names, wired, functions }: Watched): Alarm[] {
  return [
    ...functions.flatMap((name): Alarm[] => [
      {
        what: `${name} errors`,
        why: `The function ${names.function(name)} failed; its log says why.`,
        metric: functionMetric(names.function(name), 'Errors'),
        above: 0,
        periodSeconds: MINUTE,
      },
      {
        what: `${name} throttled`,
        why: `The function ${names.function(name)} was throttled: raise its concurrency, or the account’s.`,
        metric: functionMetric(names.function(name), 'Throttles'),
        above: 0,
        ...(WAITS_FOR_ITS_TURN.has(name) ? LASTING : { periodSeconds: MINUTE }),
      },
    ]),
    {
      what: 'dead letters',
      why: 'Contact events could not be delivered or handled; they wait in the queue of dead letters.',
      metric: queueMetric(names.deadLetters, 'ApproximateNumberOfMessagesVisible'),
      above: 0,
      periodSeconds: MINUTE,
    },
    ...(wired
      ? [
          {
            what: 'contact events undelivered',
            why: 'EventBridge could not hand a contact event to its function.',
            metric: ruleMetric(names.contactEventRule, 'FailedInvocations'),
            above: 0,
            periodSeconds: MINUTE,
          },
        ]
      : []),
  ];
}

export function deployAlarms(scope: Construct, watched: Watched, topicArn: string): CloudwatchMetricAlarm[] {
  return alarmsOf(watched).map(
    (alarm) =>
      new CloudwatchMetricAlarm(scope, `alarm_${alarm.what.replace(/[^a-z]+/g, '_')}`, {
        alarmName: watched.names.alarm(alarm.what),
        alarmDescription: alarm.why,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: alarm.above,
        evaluationPeriods: alarm.periods ?? 1,
        // No calls, no values: that is no reason to wake anybody.
        treatMissingData: 'notBreaching',
        alarmActions: [topicArn],
        okActions: [topicArn],
        ...measured(alarm),
      }),
  );
}

function measured({ metric, periodSeconds }: Alarm) {
  if ('expression' in metric) {
    return {
      metricQuery: [
        { id: 'value', expression: metric.expression, label: 'value', returnData: true },
        ...Object.entries(metric.metrics).map(([id, of]) => ({
          id,
          metric: {
            namespace: of.namespace,
            metricName: of.name,
            dimensions: of.dimensions,
            stat: of.statistic,
            period: periodSeconds,
          },
        })),
      ],
    };
  }
  return {
    namespace: metric.namespace,
    metricName: metric.name,
    dimensions: metric.dimensions,
    statistic: metric.statistic,
    period: periodSeconds,
  };
}
