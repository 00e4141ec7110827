/** Known bugs, put back by wrapping ports: the search has to find each, or it is blind. */
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { nextName, withoutCondition } from '../simulation/canary-tools.ts';
import type { Bug } from './run.ts';

const skipsTheCondition: Bug = {
  name: 'advances without the condition on the attempt',
  services: (services, { checkpoints: { table } }) => ({
    ...services,
    checkpoints: new TableCheckpoints(withoutCondition(table, 'advance'), services.clock),
  }),
};

const checkpointsFirst: Bug = {
  name: 'writes the checkpoint before the tape',
  ports: (ports) => {
    let storing: Promise<void> = Promise.resolve();
    return {
      ...ports,
      tape: {
        ...ports.tape,
        append: (recording, segment) => {
          storing = ports.clock.sleep(1).then(() => ports.tape.append(recording, segment));
          storing.catch(() => undefined);
          return Promise.resolve();
        },
      },
    };
  },
};

const lateAssemblyWins: Bug = {
  name: 'lets an assembly complete that was superseded',
  services: (services, { calls }) => ({
    ...services,
    calls: Object.assign(new TableCalls(withoutCondition(calls.table, 'complete'), nextName()), {
      confirm: () => Promise.resolve(),
    }),
  }),
};

const noFence: Bug = {
  name: 'assembles without a fence',
  services: (services, { checkpoints }) => ({
    ...services,
    checkpoints: {
      claim: (id, owner) => checkpoints.claim(id, owner),
      advance: (claim, progress) => checkpoints.advance(claim, progress),
      end: (claim, progress, ended) => checkpoints.end(claim, progress, ended),
      read: (id) => checkpoints.read(id),
      handOver: (id, from, to) => checkpoints.handOver(id, from, to),
      erase: (id, expiresAtMs) => checkpoints.erase(id, expiresAtMs),
      fence: async (id, _owner, ended) => {
        const standing = await checkpoints.read(id);
        return { ...(standing ?? (await checkpoints.claim(id, _owner)).checkpoint), ended };
      },
    },
  }),
};

export const BUGS: readonly Bug[] = [skipsTheCondition, checkpointsFirst, lateAssemblyWins, noFence];
