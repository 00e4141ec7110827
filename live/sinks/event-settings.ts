/** Who is told of what is said as it is written down, out of environment variables. */
import { type Environment, optional, required } from '../../contract/environment.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { RecordingError } from '../../recording/errors.ts';

export interface EventSettings {
  readonly bus: string;
  /** Of what isn't final, too. */
  readonly partials: boolean;
}

/** @returns undefined where nobody is told. @throws RecordingError that names the variable */
export function eventSettings(env: Environment): EventSettings | undefined {
  const text = optional(env, LIVE_VARIABLES.transcriptEvents);
  if (text === undefined) return undefined;
  if (text !== 'final' && text !== 'all')
    throw new RecordingError(
      `the environment variable ${LIVE_VARIABLES.transcriptEvents} must be final or all, or unset`,
    );
  return { bus: required(env, LIVE_VARIABLES.eventBus), partials: text === 'all' };
}
