import type { Context } from 'aws-lambda';
import type { MetricName } from '../../contract/metrics.ts';
import type { FunctionTelemetry, LogFields } from '../../ports/runtime/telemetry.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
  readonly error?: unknown;
}

/** Keeps what a function says. */
export class RecordedTelemetry implements FunctionTelemetry {
  readonly lines: LogLine[] = [];
  /** Each publication's values by name. */
  readonly metrics: Record<string, number>[] = [];
  /** Whose lines follow, by the request's id. */
  readonly invocations: string[] = [];

  invoked({ awsRequestId }: Context): void {
    this.invocations.push(awsRequestId);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, error: unknown, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields, error });
  }

  publish(values: readonly (readonly [MetricName, number])[]): void {
    this.metrics.push(Object.fromEntries(values.map(([{ name }, value]) => [name, value])));
  }
}
