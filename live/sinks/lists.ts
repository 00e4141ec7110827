/** Variables that hold several values, separated by commas. */
import { type Environment, optional } from '../../contract/environment.ts';
import { RecordingError } from '../../recording/errors.ts';

const LIST_MAX = 100;

/** @param what they are, for whoever set something else. @throws RecordingError that names the variable, and says what is allowed. */
export function listIn(
  env: Environment,
  variable: string,
  isOne: (text: string) => boolean,
  what: string,
): readonly string[] {
  const texts = (optional(env, variable) ?? '').split(',').map((text) => text.trim());
  const list = [...new Set(texts.filter((text) => text !== ''))];
  if (list.length > LIST_MAX || !list.every(isOne)) refuse(variable, `${what}, separated by commas`);
  return list;
}

/** @param what is allowed */
export function refuse(variable: string, what: string): never {
  throw new RecordingError(`the environment variable ${variable} must be ${what}`);
}
