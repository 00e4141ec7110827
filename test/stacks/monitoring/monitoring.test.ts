import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  ASSEMBLE_METRICS,
  CONNECT_METRICS,
  LIVE_METRICS,
  RESUME_METRICS,
  TASK_METRICS,
  WORDS_METRICS,
} from '../../../contract/metrics.ts';
import { DASHBOARD_WIDTH } from '../../../stacks/monitoring/dashboard.ts';
import { dashboardPicture } from '../../../stacks/monitoring/dashboard-picture.ts';
import { INSTANCE_ARN, resource, resources, ROOT, synthesise } from '../synthesise.ts';

const stack = synthesise({
  instanceArn: INSTANCE_ARN,
  prefix: 'sales',
  alarmEmail: 'calls@example.org',
  segmentSeconds: 5,
  liveSinks: 'pieces,transcribe',
  transcriptEvents: 'final',
});
stack.dispose();

const OWN_METRICS: ReadonlySet<string> = new Set(
  [TASK_METRICS, CONNECT_METRICS, ASSEMBLE_METRICS, RESUME_METRICS, LIVE_METRICS, WORDS_METRICS].flatMap(
    (metrics) => Object.values<{ readonly name: string }>(metrics).map(({ name }) => name),
  ),
);

const DIMENSIONS = v.record(v.string(), v.string());
const METRIC = v.looseObject({ namespace: v.string(), metric_name: v.string(), dimensions: DIMENSIONS });
const ALARM = v.looseObject({
  alarm_name: v.string(),
  alarm_description: v.string(),
  threshold: v.number(),
  metric_name: v.optional(v.string()),
  metric_query: v.optional(v.array(v.looseObject({ metric: v.optional(METRIC) }))),
});
const alarms = resources(stack, 'aws_cloudwatch_metric_alarm').map((alarm) => v.parse(ALARM, alarm));

const LINE = v.array(v.unknown());
const WIDGET = v.object({
  type: v.picklist(['metric', 'alarm']),
  x: v.number(),
  y: v.number(),
  width: v.number(),
  height: v.number(),
  properties: v.looseObject({
    title: v.string(),
    metrics: v.optional(v.array(LINE), []),
    alarms: v.optional(v.array(v.string()), []),
  }),
});
const { widgets } = v.parse(
  v.pipe(v.string(), v.parseJson(), v.object({ widgets: v.array(WIDGET) })),
  resource(stack, 'aws_cloudwatch_dashboard').dashboard_body,
);
const lines = widgets.flatMap(({ properties }) => properties.metrics);

describe('the alarms', () => {
  it.each([
    ['sales recording failed', 'Failed', 0],
    ['sales recording incomplete', 'Incomplete', 0],
    ['sales recording behind live', 'MediaLagMs', 60_000],
    ['sales start failed', 'StartFailures', 0],
    ['sales execution failed', 'ExecutionsFailed', 0],
    ['sales executions throttled', 'ExecutionThrottled', 0],
    ['sales connect errors', 'Errors', 0],
    ['sales assemble throttled', 'Throttles', 0],
    ['sales dead letters', 'ApproximateNumberOfMessagesVisible', 0],
    ['sales tasks stuck: restarting', 'Resumes', 10],
    ['sales listeners behind', 'LiveBehindMs', 30_000],
    ['sales listeners failing', 'LiveFailures', 5],
    ['sales listeners restarting', 'LiveRestarts', 5],
    ['sales words missing', 'UntranscribedMs', 120_000],
    ['sales words behind', 'WordsBehindMs', 60_000],
    ['sales words not told', 'WordsEventFailures', 5],
  ])('%s when %s is above %d', (name, metric, above) => {
    const alarm = alarms.find(({ alarm_name }) => alarm_name === name);

    expect(alarm).toMatchObject({
      metric_name: metric,
      threshold: above,
      comparison_operator: 'GreaterThanThreshold',
      treat_missing_data: 'notBreaching',
      alarm_actions: ['${aws_sns_topic.alarms.arn}'],
    });
  });

  it('go off when recordings start and no audio comes', () => {
    const stuck = alarms.find(({ alarm_name }) => alarm_name === 'sales tasks stuck: no audio');

    expect(stuck?.metric_query).toMatchObject([
      {
        id: 'value',
        return_data: true,
        expression: 'IF(FILL(starts, 0) > 0 AND FILL(fragments, 0) == 0, 1, 0)',
      },
      {
        id: 'starts',
        metric: { namespace: 'callspool', metric_name: 'Starts', dimensions: { service: 'sales' } },
      },
      { id: 'fragments', metric: { metric_name: 'Fragments', stat: 'Sum', period: 300 } },
    ]);
  });

  it('go off when calls are to be listened to and no listener begins', () => {
    const alarm = alarms.find(({ alarm_name }) => alarm_name === 'sales listeners not begun');

    expect(alarm?.metric_query).toMatchObject([
      { expression: 'IF(FILL(calls, 0) > 0 AND FILL(listeners, 0) == 0, 1, 0)' },
      { id: 'calls', metric: { metric_name: 'LiveCalls', stat: 'Sum', period: 300 } },
      { id: 'listeners', metric: { metric_name: 'LiveListeners', stat: 'Sum', period: 300 } },
    ]);
  });

  it('go off when calls are to be written down and nobody begins', () => {
    const alarm = alarms.find(({ alarm_name }) => alarm_name === 'sales calls not written down');

    expect(alarm?.metric_query).toMatchObject([
      { expression: 'IF(FILL(calls, 0) > 0 AND FILL(begun, 0) == 0, 1, 0)' },
      { id: 'calls', metric: { metric_name: 'LiveCalls' } },
      { id: 'begun', metric: { metric_name: 'WordsBegun', stat: 'Sum', period: 300 } },
    ]);
  });

  it('look at no words where nobody writes them down', () => {
    const one = synthesise({ instanceArn: INSTANCE_ARN, liveSinks: 'pieces' });
    one.dispose();

    const { aws_cloudwatch_metric_alarm: all, aws_cloudwatch_dashboard: boards } = one.resource;
    expect(JSON.stringify([all, boards])).not.toMatch(/Words|Untranscribed/);
  });

  it('look at metrics that the programs publish, of this deployment', () => {
    const measured = alarms.flatMap((alarm) =>
      alarm.metric_query === undefined
        ? [v.parse(METRIC, alarm)]
        : alarm.metric_query.flatMap(({ metric }) => (metric === undefined ? [] : [metric])),
    );
    const own = measured.filter(({ namespace }) => namespace === 'callspool');

    expect(own.length).toBeGreaterThan(6);
    for (const { metric_name, dimensions } of own) {
      expect(OWN_METRICS).toContain(metric_name);
      expect(dimensions).toEqual({ service: 'sales' });
    }
  });

  it('reach somebody', () => {
    expect(resource(stack, 'aws_sns_topic_subscription')).toMatchObject({
      protocol: 'email',
      endpoint: 'calls@example.org',
      topic_arn: '${aws_sns_topic.alarms.arn}',
    });
  });

  it('each say what is wrong', () => {
    expect(new Set(alarms.map(({ alarm_description }) => alarm_description)).size).toBe(alarms.length);
  });
});

describe('the dashboard', () => {
  it('shows every metric that the programs publish', () => {
    const shown = lines.filter(([namespace]) => namespace === 'callspool').map(([, name]) => name);

    expect(new Set(shown)).toEqual(OWN_METRICS);
    for (const [namespace, , dimension, value] of lines) {
      if (namespace === 'callspool') expect([dimension, value]).toEqual(['service', 'sales']);
    }
  });

  it('counts calls in progress by the segments that they store', () => {
    expect(JSON.stringify(lines)).toContain('segments * 5 / PERIOD(segments)');
  });

  it('shows every alarm', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms);

    expect(shown).toHaveLength(alarms.length);
  });

  it('looks as the docs show it', () => {
    // Drawn anew by: npx tsx stacks/monitoring/dashboard-picture.ts
    expect(readFileSync(join(ROOT, 'docs', 'dashboard.svg'), 'utf8')).toBe(dashboardPicture());
  });

  it('has no hole and no overlap', () => {
    const taken = new Set<string>();
    let area = 0;
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(DASHBOARD_WIDTH);
      area += width * height;
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) taken.add(`${String(column)} ${String(row)}`);
      }
    }
    const bottom = Math.max(...widgets.map(({ y, height }) => y + height));

    expect(taken.size).toBe(area);
    expect(area).toBe(DASHBOARD_WIDTH * bottom);
  });
});
