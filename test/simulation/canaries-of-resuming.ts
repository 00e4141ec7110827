/** Wrong schedules: what broke off stays so, or is begun beside who is still at work. */
import type { Canary } from './world.ts';

const resumesNothing: Canary = {
  name: 'is resumed by a schedule that looks at nothing',
  twist: 'mended',
  access: (access) => ({
    ...access,
    queries: {
      // eslint-disable-next-line require-yield -- an answer without a record
      find: async function* () {
        await Promise.resolve();
      },
    },
  }),
};

const takesAllForOver: Canary = {
  name: 'is resumed beside an execution that is under way',
  twist: 'mended',
  access: (access) => ({
    ...access,
    states: { ...access.states, stateOf: () => Promise.resolve('over') },
  }),
};

export const CANARIES_OF_RESUMING: readonly Canary[] = [resumesNothing, takesAllForOver];
