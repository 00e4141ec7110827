/** What a program tells its operators. Never a phone number, never audio. */
import type { MetricName } from '../recording/metrics.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Telemetry {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, error: unknown): void;
  /** Publishes values of one moment together. */
  publish(values: readonly (readonly [MetricName, number])[]): void;
}

export const silentTelemetry: Telemetry = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  publish: () => undefined,
};
