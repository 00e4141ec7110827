/** An erasure as it was, or as one might write it: each leaves something, or lets it come back. */
import type { ObjectVersion } from '../../ports/objects/stored-objects.ts';
import type { Canary } from './world.ts';

const noTombstone: Canary = {
  name: 'erases without a tombstone',
  twist: 'erased',
  access: (access, { checkpoints }) => ({
    ...access,
    checkpoints: {
      ...access.checkpoints,
      erase: async (id) => {
        const before = await access.checkpoints.read(id);
        checkpoints.tamper(id, undefined);
        return before;
      },
    },
  }),
};

/** What came since then stays. */
const listsOnce: Canary = {
  name: 'lists what is to be erased before the question alone',
  twist: 'erased',
  access: (access) => {
    const listed = new Map<string, readonly ObjectVersion[]>();
    return {
      ...access,
      objectsOf: (call) => {
        const objects = access.objectsOf(call);
        return {
          name: objects.name,
          read: (key) => objects.read(key),
          put: (...args) => objects.put(...args),
          erase: (versions) => objects.erase(versions),
          versions: async function* (prefix) {
            const all: ObjectVersion[] = [];
            if (!listed.has(prefix)) for await (const one of objects.versions(prefix)) all.push(one);
            const versions = listed.get(prefix) ?? all;
            listed.set(prefix, versions);
            yield* versions;
          },
        };
      },
    };
  },
};

/** What was on its way by then is there when the command has gone. */
const waitsForNobody: Canary = {
  name: 'erases without waiting for those who may still be writing',
  twist: 'erased',
  access: (access) => ({ ...access, writersLeaveMs: 0 }),
};

const looksAtNoNeighbour: Canary = {
  name: 'looks at no neighbour’s tape when it erases',
  twist: 'erased',
  access: (access) => ({
    ...access,
    tapeOf: (call) => ({
      ...access.tapeOf(call),
      // eslint-disable-next-line require-yield -- a tape without an object
      list: async function* () {
        await Promise.resolve();
      },
    }),
  }),
};

const putsBack: Canary = {
  name: 'leaves what it has put back of an erased recording',
  twist: 'erased',
  ports: (ports) => ({
    ...ports,
    tape: { ...ports.tape, remove: () => Promise.resolve() },
    recordings: { ...ports.recordings, remove: () => Promise.resolve() },
  }),
};

/** The assembly alone is told of a recording that began behind its own, and is gone. */
const sleepsThroughIt: Canary = {
  name: 'sleeps through the erasure of the next recording, and doesn’t look behind itself',
  twist: 'erased',
  ports: (ports) => {
    let assembles = false;
    return {
      ...ports,
      calls: {
        ...ports.calls,
        assembling: (...args) => {
          assembles = true;
          return ports.calls.assembling(...args);
        },
        ofContact: async (contactId) => {
          const calls = await ports.calls.ofContact(contactId);
          return assembles ? calls : calls.map(({ nextStartFragmentNumber, ...call }) => call);
        },
      },
    };
  },
};

export const CANARIES_OF_ERASING: readonly Canary[] = [
  noTombstone,
  listsOnce,
  waitsForNobody,
  looksAtNoNeighbour,
  putsBack,
  sleepsThroughIt,
];
