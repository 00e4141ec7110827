/** What a function tells its operators. Never a phone number, never a contact attribute, never audio. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { CONNECT_VARIABLES, type Environment, optional } from '../recording/environment.ts';
import { DEFAULT_METRICS_NAMESPACE, type MetricName } from '../recording/metrics.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Telemetry {
  /** Whose invocation the lines that follow are of. */
  invoked(context: Context): void;
  debug(message: string, fields: LogFields): void;
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, error: unknown, fields: LogFields): void;
  /** Publishes values of one moment together. */
  publish(values: readonly (readonly [MetricName, number])[]): void;
}

/** Structured logs by Powertools, and metrics as CloudWatch's Embedded Metric Format beside them. */
export function powertoolsTelemetry(env: Environment): Telemetry {
  const logger = new Logger();
  const metrics = new Metrics({
    namespace: optional(env, CONNECT_VARIABLES.metricsNamespace) ?? DEFAULT_METRICS_NAMESPACE,
  });
  return {
    invoked: (context) => {
      logger.addContext(context);
    },
    debug: (message, fields) => {
      logger.debug(message, { ...fields });
    },
    info: (message, fields) => {
      logger.info(message, { ...fields });
    },
    warn: (message, fields) => {
      logger.warn(message, { ...fields });
    },
    error: (message, error, fields) => {
      logger.error(message, { ...fields, error: error instanceof Error ? error : new Error(String(error)) });
    },
    publish: (values) => {
      for (const [{ name, unit }, value] of values) metrics.addMetric(name, unit, value);
      metrics.publishStoredMetrics();
    },
  };
}
