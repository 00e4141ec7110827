/** Reads a program's environment variables (contract/variables.ts), and says what is wrong with one. */
import { RecordingError } from '../recording/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws RecordingError when the variable isn't set. */
export function required(env: Environment, name: string): string {
  const value = env[name]?.trim();
  if (value === undefined || value === '')
    throw new RecordingError(`the environment variable ${name} must be set`);
  return value;
}

export function optional(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** @throws RecordingError when the variable is no number within its bounds. */
export function bounded(
  env: Environment,
  name: string,
  limit: { min: number; max: number; default: number },
): number {
  const text = optional(env, name);
  if (text === undefined) return limit.default;
  const value = Number(text);
  if (Number.isFinite(value) && value >= limit.min && value <= limit.max) return value;
  throw new RecordingError(
    `the environment variable ${name} must be a number from ${String(limit.min)} to ${String(limit.max)}`,
  );
}

/** @throws RecordingError unless the variable is `true`, `false` or unset. */
export function flag(env: Environment, name: string, fallback: boolean): boolean {
  const text = optional(env, name);
  if (text === undefined) return fallback;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new RecordingError(`the environment variable ${name} must be true or false`);
}
