import type { Environment } from '../../contract/environment.ts';
import {
  ASKS_CONNECT_VARIABLES,
  ASSEMBLE_VARIABLES,
  COMMAND_VARIABLES,
  CONNECT_VARIABLES,
  CONTACT_EVENT_VARIABLES,
  LIVE_VARIABLES,
  RECOGNISER_VARIABLES,
  RUN_VARIABLES,
  TASK_VARIABLES,
  TRANSCRIBE_VARIABLES,
  TRANSCRIPT_VARIABLES,
} from '../../contract/variables.ts';
import { SETTING_NAMES, settingVariable } from './settings.ts';

/** Variables that look like settings and are none: misspelt, most likely. Those of the programs and of the command are known. */
export function strangers(env: Environment): string[] {
  const known = new Set<string>([
    ...SETTING_NAMES.map(settingVariable),
    ...[
      TASK_VARIABLES,
      RUN_VARIABLES,
      LIVE_VARIABLES,
      RECOGNISER_VARIABLES,
      TRANSCRIBE_VARIABLES,
      TRANSCRIPT_VARIABLES,
      CONNECT_VARIABLES,
      CONTACT_EVENT_VARIABLES,
      ASKS_CONNECT_VARIABLES,
      ASSEMBLE_VARIABLES,
      COMMAND_VARIABLES,
    ].flatMap((variables) => Object.values(variables)),
  ]);
  return Object.keys(env).filter((name) => name.startsWith('CALLSPOOL_') && !known.has(name));
}
