/** JSON as it crosses the wire, and checking what comes in. */
import * as v from 'valibot';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Thrown by a stand-in to refuse a request, in the service's own words. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The exception's name in the service's model. */
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** @throws ServiceError, a ValidationException, that names the first field that is wrong. */
export function checked<T>(schema: v.GenericSchema<unknown, T>, input: unknown): T {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ServiceError('ValidationException', `${v.getDotPath(issue) ?? 'the request'}: ${issue.message}`);
}

/** Epoch seconds, as AWS's JSON protocols write a time. */
export function epochSeconds(timeMs: number): number {
  return timeMs / 1000;
}
