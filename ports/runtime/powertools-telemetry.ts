/** Structured logs by Powertools Logger, and metrics as CloudWatch's Embedded Metric Format on the same stream. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { type Environment, optional } from '../../contract/environment.ts';
import { DEFAULT_METRICS_NAMESPACE } from '../../contract/metrics.ts';
import { TASK_VARIABLES } from '../../contract/variables.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import type { FunctionTelemetry } from './telemetry.ts';

/** @param recording its identity stands on each line; undefined while it isn't known. */
export function powertoolsTelemetry(env: Environment, recording?: Recording): FunctionTelemetry {
  const logger = new Logger();
  const metrics = new Metrics({
    namespace: optional(env, TASK_VARIABLES.metricsNamespace) ?? DEFAULT_METRICS_NAMESPACE,
  });
  const identity = recording ? { contactId: recording.contactId, recordingId: recordingId(recording) } : {};
  logger.appendPersistentKeys(identity);
  return {
    invoked: (context) => {
      logger.addContext(context);
    },
    debug: (message, fields = {}) => {
      logger.debug(message, { ...fields });
    },
    info: (message, fields = {}) => {
      logger.info(message, { ...fields });
    },
    warn: (message, fields = {}) => {
      logger.warn(message, { ...fields });
    },
    error: (message, error, fields = {}) => {
      logger.error(message, { ...fields, error: error instanceof Error ? error : new Error(String(error)) });
    },
    publish: (values) => {
      for (const [{ name, unit }, value] of values) metrics.addMetric(name, unit, value);
      // High-cardinality: beside the metrics, not a dimension of them. Publishing forgets it.
      for (const [name, value] of Object.entries(identity)) metrics.addMetadata(name, value);
      metrics.publishStoredMetrics();
    },
  };
}
