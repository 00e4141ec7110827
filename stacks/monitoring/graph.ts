/** A graph of the dashboard, and its lines. */
import type { Metric } from './metric.ts';

/** A metric or an expression, with its legend; as the dashboard's JSON has it. */
type Line = readonly unknown[];

export function line(metric: Metric, label: string, options: Readonly<Record<string, unknown>> = {}): Line {
  const dimensions = Object.entries(metric.dimensions).flat();
  return [metric.namespace, metric.name, ...dimensions, { stat: metric.statistic, label, ...options }];
}

export function expression(
  text: string,
  label: string,
  options: Readonly<Record<string, unknown>> = {},
): Line {
  return [{ expression: text, label, ...options }];
}

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit?: string;
  readonly periodSeconds?: number;
  /** A line that should not be crossed. */
  readonly limit?: { readonly value: number; readonly label: string };
}
