/** Bugs that this program had itself, put back by wrapping ports or altering prototypes. Each with the twist that meets it. */
import type { Fragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import type { ContactCall } from '../../ports/calls/calls.ts';
import { TapeObjectUnreadable } from '../../ports/tape/tape.ts';
import type { Completion } from '../../recording/call-record.ts';
import { alteringFragments, patch, readingCalls, watchingBodies } from './canary-tools.ts';
import { KEY_REFUSAL } from './injector.ts';
import type { AllPorts } from './ports.ts';
import { CONTACTS } from './stream.ts';
import type { Canary } from './world.ts';

const OUTCOME: ReadonlySet<string> = new Set<keyof Completion>([
  'why',
  'endedAt',
  'endReason',
  'durationMs',
  'audio',
  'media',
  'losses',
  'verification',
]);

function withoutOutcome(call: ContactCall): ContactCall {
  const { contactId, startFragmentNumber } = call;
  const others = Object.entries(call).filter(([name]) => !OUTCOME.has(name));
  return { ...Object.fromEntries(others), contactId, startFragmentNumber };
}

/** Nor does it look at what lies beside the WAV. */
function forgetting(ports: AllPorts): AllPorts {
  const recordings = { ...ports.recordings, read: () => Promise.resolve(undefined) };
  return readingCalls({ ...ports, recordings }, withoutOutcome);
}

const forgetsLosses: Canary = {
  name: 'forgets what an earlier assembly found missing',
  twist: 'withheld',
  ports: forgetting,
};

const takesTheTapeForAll: Canary = {
  name: 'replaces a WAV by what is left of an expired tape',
  twist: 'expired',
  ports: forgetting,
};

/** From the first fragment of another contact on, the contact is over. */
const anyForeignerEnds: Canary = {
  name: 'takes any fragment of another contact for the end',
  twist: 'strays',
  ports: (ports, { clock, stream }) => {
    let isOver = false;
    const start = stream.recordings[0]?.recording.startFragmentNumber ?? 0n;
    const watching = watchingBodies(
      ports,
      (selector) => (isOver ? { kind: 'serverTimestamp', atMs: clock.now() + 10 ** 9 } : selector),
      ({ done, value }, reader) => {
        if (done === true) return;
        reader.push(value);
        for (const { tags, number = 0n } of wholeFragments(reader))
          isOver ||= number > start && (tags.get('ContactId') ?? CONTACTS.ours) !== CONTACTS.ours;
      },
    );
    const disconnectedAt = () => new Date(clock.now()).toISOString();
    return readingCalls(watching, (call) => (isOver ? { ...call, disconnectedAt: disconnectedAt() } : call));
  },
};

function wholeFragments(reader: FragmentReader): Fragment[] {
  const fragments: Fragment[] = [];
  try {
    for (let next = reader.next(); next; next = reader.next()) fragments.push(next);
  } catch {
    // Malformed: the recorder itself finds that out.
  }
  return fragments;
}

/** Behaves as if no untagged fragment of another Segment had ever come. */
const leavesOutOtherSegments: Canary = {
  name: 'leaves out what lies between two of ours, untagged and of another Segment',
  twist: 'otherSegment',
  install: () =>
    patch(
      FragmentReader.prototype,
      'next',
      (next) =>
        function (this: FragmentReader) {
          for (let fragment = next.call(this); ; fragment = next.call(this))
            if (!fragment?.segmentUid?.startsWith(OTHER_UID) || fragment.tags.has('ContactId'))
              return fragment;
        },
    ),
};
/** In hex; see ./stream.ts. */
const OTHER_UID = '0606';

const overwritesAnEnd: Canary = {
  name: 'writes FAILED over an end when nobody takes the event',
  twist: 'unannounced',
  ports: (ports) => ({
    ...ports,
    calls: {
      ...ports.calls,
      complete: async (claim, completion, facts) => {
        const record = await ports.calls.complete(claim, completion, facts);
        await ports.events.publish('Recording Completed', {});
        return record;
      },
    },
  }),
  assemblyRetriesMax: 20,
  isMarkedFailed: () => true,
};

const givesUpSoon: Canary = {
  name: 'gives up the assembly after some minutes',
  twist: 'hours',
  assemblyRetriesMax: 20,
};

const keysAreDamage: Canary = {
  name: 'takes a key that can’t be used now for a damaged tape',
  twist: 'keyless',
  ports: (ports) => ({
    ...ports,
    tape: {
      ...ports.tape,
      read: async (key) => {
        try {
          return await ports.tape.read(key);
        } catch (error) {
          if (!(error instanceof Error) || error.name !== KEY_REFUSAL) throw error;
          throw new TapeObjectUnreadable(key, error.name, error);
        }
      },
    },
  }),
};

const knowsNoStop: Canary = {
  name: 'waits for the whole contact although the flow has stopped streaming',
  twist: 'stopped',

  ports: (ports) => readingCalls(ports, ({ stopFragmentNumber, ...call }) => call),
};

/** Each block's samples begin with its own first byte, so that all behind an odd one are noise. */
const blocksAreWholeSamples: Canary = {
  name: 'begins a sample with each block',
  twist: 'cut',
  install: () =>
    alteringFragments((fragment) => ({
      ...fragment,
      blocks: fragment.blocks.map((block) => {
        return { ...block, audio: block.audio.subarray(0, block.audio.length - (block.audio.length % 2)) };
      }),
    })),
};

export const CANARIES_OF_OLD: readonly Canary[] = [
  forgetsLosses,
  takesTheTapeForAll,
  anyForeignerEnds,
  leavesOutOtherSegments,
  overwritesAnEnd,
  givesUpSoon,
  keysAreDamage,
  knowsNoStop,
  blocksAreWholeSamples,
];
