import { type Environment, required } from '../../contract/environment.ts';
import { RecordingError } from '../../recording/errors.ts';

const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;

/** @throws RecordingError unless the variable names a DynamoDB table. */
export function tableName(env: Environment, variable: string): string {
  const name = required(env, variable);
  if (TABLE_NAME.test(name)) return name;
  throw new RecordingError(
    `the environment variable ${variable} must name a table: 3 to 255 letters, digits, dots, hyphens and underscores`,
  );
}
