/** The dashboard as CloudWatch takes it: the alarms on top, and beneath them the graphs, three in a row. */
import { type GraphOptions, graphsOf, PERIOD_SECONDS } from './dashboard-graphs.ts';
import type { Graph } from './graph.ts';

export interface DashboardOptions extends GraphOptions {
  readonly region: string;
  readonly alarmArns: readonly string[];
}

/** A dashboard is 24 units wide (CloudWatch API reference, "dashboard body structure"). */
export const DASHBOARD_WIDTH = 24;

const THIRD = DASHBOARD_WIDTH / 3;

const ROW_HEIGHT = 6;

const ALARMS_HEIGHT = 3;

export interface Widget {
  readonly type: 'metric' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>> & { readonly title: string };
}

/** @returns the body as a plain object. */
export function dashboardBody(options: DashboardOptions): { readonly widgets: readonly Widget[] } {
  const alarms: Widget = {
    type: 'alarm',
    x: 0,
    y: 0,
    width: DASHBOARD_WIDTH,
    height: ALARMS_HEIGHT,
    properties: { title: 'Alarms', alarms: options.alarmArns },
  };
  const graphs = graphsOf(options);
  return { widgets: [alarms, ...graphs.map((graph, index) => graphWidget(graph, index, options.region))] };
}

function graphWidget(graph: Graph, index: number, region: string): Widget {
  return {
    type: 'metric',
    x: (index % 3) * THIRD,
    y: ALARMS_HEIGHT + Math.floor(index / 3) * ROW_HEIGHT,
    width: THIRD,
    height: ROW_HEIGHT,
    properties: {
      title: graph.title,
      region,
      view: 'timeSeries',
      period: graph.periodSeconds ?? PERIOD_SECONDS,
      metrics: graph.lines,
      yAxis: { left: { min: 0, ...(graph.unit !== undefined && { label: graph.unit, showUnits: false }) } },
      ...(graph.limit && { annotations: { horizontal: [graph.limit] } }),
    },
  };
}
