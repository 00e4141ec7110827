/**
 * Known bugs, most of them found in other consumers of Kinesis Video Streams. Each is switched on from outside, by
 * wrapping ports or altering prototypes, and the simulation has to catch it: one that it doesn't shows what the
 * simulation is blind to.
 */
import { FragmentReader } from '../../matroska/reader.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { type BodyRead, MediaBody } from '../../reading/media-body.ts';
import { ClockAnchor } from '../../recording/audio/clock-anchor.ts';
import type { Timeline } from '../../recording/audio/timeline.ts';
import { TRACKS } from '../../recording/call-record.ts';
import { CANARIES_OF_ERASING } from './canaries-of-erasing.ts';
import { CANARIES_OF_JUDGING } from './canaries-of-judging.ts';
import { CANARIES_OF_LISTENING } from './canaries-of-listening.ts';
import { CANARIES_OF_ODD_STREAMS } from './canaries-of-odd-streams.ts';
import { CANARIES_OF_OLD } from './canaries-of-old.ts';
import { CANARIES_OF_RESUMING } from './canaries-of-resuming.ts';
import { alteringFragments, nextName, patch, watchingBodies, withoutCondition } from './canary-tools.ts';
import { CONTACTS } from './stream.ts';
import type { Canary } from './world.ts';

/** Hands a fragment on only when the next one has come, so that the last one never is. */
const dropsTheTail: Canary = {
  name: 'drops the tail',
  install: () => {
    const kept = new WeakMap<MediaBody, BodyRead>();
    return patch(
      MediaBody.prototype,
      'read',
      (read) =>
        async function (this: MediaBody, ...args) {
          const result = await read.apply(this, args);
          if (result.kind !== 'fragment') return result;
          const before = kept.get(this);
          kept.set(this, result);
          return before ?? { kind: 'nothing' };
        },
    );
  },
};

const skipsTheCondition: Canary = {
  name: 'writes without the condition on the attempt',
  services: (services, { checkpoints: { table }, clock }) => ({
    ...services,
    checkpoints: new TableCheckpoints(withoutCondition(table, 'advance', 'end'), clock),
  }),
};

/** Whichever assembly writes last: one that was given up long ago, or a request of its that comes late. */
const lastAssemblyWins: Canary = {
  name: 'lets an assembly write that is late',
  twist: 'late',
  services: (services, { calls, recordings }) => ({
    ...services,
    calls: Object.assign(
      new TableCalls(withoutCondition(calls.table, 'assembling', 'complete'), nextName()),
      { confirm: () => Promise.resolve() },
    ),
    recordings: {
      bucket: recordings.bucket,
      standing: (key) => recordings.standing(key),
      read: (key, bytesMax) => recordings.read(key, bytesMax),
      begin: (key) => recordings.begin(key),
      remove: (key) => recordings.remove(key),
      put: async (key, bytes, type) => recordings.put(key, bytes, type, await recordings.standing(key)),
    },
  }),
};

const checkpointsFirst: Canary = {
  name: 'writes the checkpoint before the tape',
  ports: (ports) => ({
    ...ports,
    tape: {
      ...ports.tape,
      append: (recording, segment) => {
        void ports.clock.sleep(500).then(() => ports.tape.append(recording, segment).catch(() => undefined));
        return Promise.resolve();
      },
    },
  }),
};

const swallowsErrors: Canary = {
  name: 'goes on when a tape object could not be stored',
  ports: (ports) => ({
    ...ports,
    tape: {
      ...ports.tape,
      append: (recording, segment) => ports.tape.append(recording, segment).catch(() => undefined),
    },
  }),
};

/** So that what is cut within a fragment is lost. */
const positionFromHead: Canary = {
  name: 'takes the position from the head tags',
  ports: (ports) => {
    let seen: bigint | undefined;
    return watchingBodies(
      ports,
      (selector) =>
        seen !== undefined && selector.kind !== 'serverTimestamp'
          ? { kind: 'afterFragment', number: seen }
          : selector,
      ({ done, value }, reader) => {
        if (done === true) return;
        reader.push(value);
        try {
          while (reader.next());
          seen = reader.pendingNumber ?? seen;
        } catch {
          // Malformed: the recorder itself finds that out.
        }
      },
    );
  },
};

const endOfBody: Canary = {
  name: 'takes the end of a body for the end of the call',
  ports: (ports, { clock }) => {
    let isOver = false;
    const watching = watchingBodies(
      ports,
      (selector) => (isOver ? { kind: 'serverTimestamp', atMs: clock.now() + 10 ** 9 } : selector),
      ({ done }) => {
        isOver ||= done === true;
      },
    );
    return {
      ...watching,
      calls: {
        ...ports.calls,
        ofContact: async (contactId) => {
          const calls = await ports.calls.ofContact(contactId);
          const disconnectedAt = new Date(clock.now()).toISOString();
          return isOver ? calls.map((call) => ({ ...call, disconnectedAt })) : calls;
        },
      },
    };
  },
};

const afterTheStart: Canary = {
  name: 'begins after StartFragmentNumber',
  ports: (ports, { stream }) => {
    const number = stream.recordings[0]?.recording.startFragmentNumber ?? 0n;
    return watchingBodies(
      ports,
      (selector) => (selector.kind === 'serverTimestamp' ? { kind: 'afterFragment', number } : selector),
      () => undefined,
    );
  },
};

const unknownIsOver: Canary = {
  name: 'takes an error of DescribeContact for the end of the contact',
  twist: 'untold',
  ports: (ports, { clock }) => ({
    ...ports,
    contacts: {
      describe: async (contactId) => {
        const answer = await ports.contacts.describe(contactId);
        const disconnectedAt = new Date(clock.now()).toISOString();
        return answer.known ? answer : { known: true, facts: { disconnectedAt }, spans: [] };
      },
    },
  }),
};

const forgetsNextRecording: Canary = {
  name: 'forgets that the contact may have a next recording',
  ports: (ports, { stream }) => {
    const start = stream.recordings[0]?.recording.startFragmentNumber.toString();
    return {
      ...ports,
      calls: {
        ...ports.calls,
        ofContact: async (contactId) =>
          (await ports.calls.ofContact(contactId)).filter(
            ({ startFragmentNumber }) => startFragmentNumber === start,
          ),
      },
    };
  },
};

const forgetsSegment: Canary = {
  name: 'forgets the SegmentUID across a resumption',
  twist: 'untagged',
  ports: (ports) => ({
    ...ports,
    checkpoints: {
      ...ports.checkpoints,
      claim: async (id, owner) => {
        const result = await ports.checkpoints.claim(id, owner);
        const { position, ...rest } = result.checkpoint;
        if (!result.claimed || !position) return result;
        const { lastFragmentNumber, continuationToken } = position;
        const forgetful = {
          lastFragmentNumber,
          ...(continuationToken !== undefined && { continuationToken }),
        };
        return { ...result, checkpoint: { ...rest, position: forgetful } };
      },
    },
  }),
};

const noFence: Canary = {
  name: 'assembles without a fence',
  ports: (ports) => ({
    ...ports,
    checkpoints: {
      ...ports.checkpoints,
      fence: async (id, owner, ended) => {
        const { checkpoint } = await ports.checkpoints.claim(id, owner);
        return { ...checkpoint, ended };
      },
    },
  }),
};

const forgetsContact: Canary = {
  name: 'forgets the contact check',
  install: () =>
    patch(
      FragmentReader.prototype,
      'next',
      (next) =>
        function (this: FragmentReader) {
          const fragment = next.call(this);
          return fragment && { ...fragment, tags: new Map([...fragment.tags, ['ContactId', CONTACTS.ours]]) };
        },
    ),
};

const acceptsTorn: Canary = {
  name: 'accepts a torn fragment',
  twist: 'torn',
  install: () => {
    const over = new WeakSet<MediaBody>();
    return patch(
      MediaBody.prototype,
      'read',
      (read) =>
        async function (this: MediaBody, ...args) {
          if (over.has(this)) return { kind: 'end' };
          const result = await read.apply(this, args);
          if (result.kind !== 'end') return result;
          over.add(this);
          const tail = this.tail();
          if (tail?.number === undefined) return result;
          return { kind: 'fragment', fragment: { ...tail, wholeness: 'tagged' } };
        },
    );
  },
};

const noAnchor: Canary = {
  name: 'follows every jump of the clock',
  install: () => patch(ClockAnchor.prototype, 'offsetFor', () => () => 0),
};

const tracksByOrder: Canary = {
  name: 'tells the tracks by their order',
  install: () =>
    alteringFragments((fragment) => {
      const inOrder = [...fragment.tracks].sort((a, b) => a.trackNumber - b.trackNumber);
      const tracks = inOrder.map((track, index) => ({ ...track, name: TRACKS[index] ?? '' }));
      return { ...fragment, tracks };
    }),
};

const trimsOverlap: Canary = {
  name: 'trims audio that overlaps',
  install: () => {
    const ends = new WeakMap<Timeline, Map<number, number>>();
    return alteringFragments((fragment, timeline) => {
      const endOf = ends.get(timeline) ?? new Map<number, number>();
      ends.set(timeline, endOf);
      const rate = Number(/rate=(\d+)/.exec(fragment.tags.get('MimeType') ?? '')?.[1] ?? 8_000);
      const blocks = fragment.blocks.map((block) => {
        const overlapMs = Math.max(0, (endOf.get(block.trackNumber) ?? 0) - block.timeMs);
        endOf.set(block.trackNumber, block.timeMs + (block.audio.length * 500) / rate);
        return { ...block, audio: block.audio.subarray(2 * Math.round((overlapMs * rate) / 1_000)) };
      });
      return { ...fragment, blocks };
    });
  },
};

const leavesInPeace: Canary = {
  name: 'leaves with exit code 0 when it is asked to stop',
  exitCode: (code) => (code === 143 ? 0 : code),
};

export const CANARIES: readonly Canary[] = [
  dropsTheTail,
  skipsTheCondition,
  lastAssemblyWins,
  checkpointsFirst,
  swallowsErrors,
  positionFromHead,
  endOfBody,
  afterTheStart,
  unknownIsOver,
  forgetsNextRecording,
  forgetsSegment,
  noFence,
  forgetsContact,
  acceptsTorn,
  noAnchor,
  tracksByOrder,
  trimsOverlap,
  leavesInPeace,
  ...CANARIES_OF_OLD,
  ...CANARIES_OF_JUDGING,
  ...CANARIES_OF_ODD_STREAMS,
  ...CANARIES_OF_ERASING,
  ...CANARIES_OF_RESUMING,
  ...CANARIES_OF_LISTENING,
];
