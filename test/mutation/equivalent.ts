/** Changes that change nothing which anybody could see, each with the reason. */
import { EQUIVALENT_IN_FUNCTIONS } from './equivalent-in-functions.ts';
import { EQUIVALENT_IN_MATROSKA } from './equivalent-in-matroska.ts';
import { EQUIVALENT_IN_PORTS } from './equivalent-in-ports.ts';
import { EQUIVALENT_IN_RECORDING } from './equivalent-in-recording.ts';
import { EQUIVALENT_IN_TASK } from './equivalent-in-task.ts';
import type { Equivalent } from './naming.ts';

export const EQUIVALENT: readonly Equivalent[] = [
  ...EQUIVALENT_IN_MATROSKA,
  ...EQUIVALENT_IN_RECORDING,
  ...EQUIVALENT_IN_TASK,
  ...EQUIVALENT_IN_FUNCTIONS,
  ...EQUIVALENT_IN_PORTS,
];
