/** What a program tells its operators. Never a phone number, never a contact attribute, never audio. */
import type { Context } from 'aws-lambda';
import type { MetricName } from '../../contract/metrics.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Telemetry {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, error: unknown, fields?: LogFields): void;
  /** Publishes values of one moment together. */
  publish(values: readonly (readonly [MetricName, number])[]): void;
}

export interface FunctionTelemetry extends Telemetry {
  /** Whose invocation the lines that follow are of. */
  invoked(context: Context): void;
}

export const silentTelemetry: Telemetry = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  publish: () => undefined,
};
