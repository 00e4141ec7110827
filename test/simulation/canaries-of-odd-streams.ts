/** Wrong readings of what no plain stream has: times that can't be right, audio without a type, records that can't be read. */
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { ClockAnchor } from '../../recording/audio/clock-anchor.ts';
import { Placements } from '../../recording/audio/placements.ts';
import { alteringFragments, patch } from './canary-tools.ts';
import type { Canary } from './world.ts';

/** Blocks here are of one length, in calls with stray times. */
const BLOCK_MS = 256;
const STRAY_MS = 1_000;

/** It stands where it says, and the cursor with it: whatever follows is that much later for good. */
const strayMovesAll: Canary = {
  name: 'moves all that follows a block whose time is wrong',
  twist: 'astray',
  install: () => {
    const before = new WeakMap<Placements, Map<number, { timeMs: number; laterBy: number }>>();
    return patch(
      Placements.prototype,
      'add',
      (add) =>
        function (this: Placements, block, channel, start, samples) {
          const lines = before.get(this) ?? new Map<number, { timeMs: number; laterBy: number }>();
          before.set(this, lines);
          const { timeMs, laterBy } = lines.get(channel) ?? { timeMs: block.timeMs, laterBy: 0 };
          const backMs = timeMs - block.timeMs;
          const frames = backMs > STRAY_MS ? Math.round((backMs / BLOCK_MS) * (samples.length / 2)) : 0;
          lines.set(channel, { timeMs: block.timeMs, laterBy: laterBy + frames });
          add.call(this, block, channel, start + laterBy + frames, samples);
        },
    );
  },
};

/** Its audio stands where that says, behind a gap that is none, and so does all that follows. */
const believesTheClock: Canary = {
  name: 'believes the clock of a single fragment that is seconds ahead',
  twist: 'astray',
  install: () => {
    const off = new WeakSet<ClockAnchor>();
    const undo = [
      patch(
        ClockAnchor.prototype,
        'offsetFor',
        (offsetFor) =>
          function (this: ClockAnchor, fragment, following, endMs) {
            off.delete(this);
            return offsetFor.call(this, fragment, following, endMs, () => {
              off.add(this);
              return fragment.clusterMs;
            });
          },
      ),
      patch(
        ClockAnchor.prototype,
        'beginOf',
        (beginOf) =>
          function (this: ClockAnchor, fragment) {
            return off.has(this) ? undefined : beginOf.call(this, fragment);
          },
      ),
    ];
    return () => {
      for (const one of undo) one();
    };
  },
};

/** So that a call at another rate is unusable from the first fragment on that says so, or at the wrong speed. */
const untypedIsNarrow: Canary = {
  name: 'takes a first fragment without a type for one at 8 kHz',
  twist: 'untyped',
  install: () =>
    alteringFragments((fragment) => {
      const type = fragment.tags.get('MimeType') ?? '';
      const tags = new Map([...fragment.tags, ['MimeType', type === '' ? 'audio/L16;rate=8000' : type]]);
      return { ...fragment, tags };
    }),
};

const needsWholeSiblings: Canary = {
  name: 'reads every record of the contact as if it were its own',
  twist: 'damagedSibling',
  ports: (ports, { calls: { table } }) => {
    const whole = new TableCalls(table);
    return {
      ...ports,
      calls: {
        ...ports.calls,
        ofContact: async (contactId) => {
          const all = await ports.calls.ofContact(contactId);
          for (const { startFragmentNumber } of all)
            await whole.get({ contactId, startFragmentNumber: BigInt(startFragmentNumber) });
          return all;
        },
      },
    };
  },
};

export const CANARIES_OF_ODD_STREAMS: readonly Canary[] = [
  strayMovesAll,
  believesTheClock,
  untypedIsNarrow,
  needsWholeSiblings,
];
