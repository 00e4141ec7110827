/** Known bugs, put back by wrapping ports: the search has to find each, or it is blind. */
import { callKey } from '../../ports/calls/call-item.ts';
import { Superseded } from '../../ports/checkpoints/checkpoints.ts';
import { progressAttributes } from '../../ports/checkpoints/checkpoint-item.ts';
import type { Bug } from './run.ts';

const skipsTheCondition: Bug = {
  name: 'advances without the condition on the attempt',
  services: (services, { checkpoints }) => ({
    ...services,
    checkpoints: {
      claim: (id, owner) => checkpoints.claim(id, owner),
      end: (claim, progress, ended) => checkpoints.end(claim, progress, ended),
      read: (id) => checkpoints.read(id),
      fence: (id, owner, ended) => checkpoints.fence(id, owner, ended),
      handOver: (id, from, to) => checkpoints.handOver(id, from, to),
      erase: (id, expiresAtMs) => checkpoints.erase(id, expiresAtMs),
      advance: async (claim, progress) => {
        try {
          await checkpoints.advance(claim, progress);
        } catch (error) {
          if (!(error instanceof Superseded)) throw error;
          const item = { ...checkpoints.item(claim.recordingId), ...progressAttributes(progress) };
          checkpoints.tamper(claim.recordingId, item);
        }
      },
    },
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
    calls: {
      create: (call, by) => calls.create(call, by),
      get: (recording) => calls.get(recording),
      ofContact: (contactId) => calls.ofContact(contactId),
      startFailed: (recording, arn, why, by) => calls.startFailed(recording, arn, why, by),
      startAgain: (recording, arn, by) => calls.startAgain(recording, arn, by),
      streamingStopped: (recording, stop) => calls.streamingStopped(recording, stop),
      learn: (recording, facts, eventTime) => calls.learn(recording, facts, eventTime),
      assembling: (recording, ...args) => calls.assembling(recording, ...args),
      confirm: () => Promise.resolve(),
      complete: ({ recording, assembly }, ...args) => {
        calls.tamper(callKey(recording), { ...calls.item(callKey(recording)), assembly });
        return calls.complete({ recording, assembly }, ...args);
      },
    },
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
