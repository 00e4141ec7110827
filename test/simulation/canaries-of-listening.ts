/** Wrong feeds, followers and listeners: each has to be found by what was heard, or by what it did to the recorder. */
import { Overheard } from '../../live/overheard.ts';
import { TapeReader } from '../../live/tape-reader.ts';
import { LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { FeedServer } from '../../task/feed/feed-server.ts';
import { patch } from './canary-tools.ts';
import type { Canary } from './world.ts';

/** So that whoever connects late never hears of it. */
const forgetsUntaped: Canary = {
  name: 'feeds no late listener what isn’t on the tape yet',
  twist: 'heard',
  install: () =>
    patch(
      FeedServer.prototype,
      'take',
      (take) =>
        function (this: FeedServer, kept) {
          take.call(this, { ...kept, source: 'archive' });
        },
    ),
};

const skipsBetween: Canary = {
  name: 'is followed with a fragment left out between tape and feed',
  twist: 'heard',
  install: () =>
    patch(
      TapeReader.prototype,
      'upTo',
      (upTo) =>
        async function* (this: TapeReader, last) {
          // Whoever reads behind what it was given would have found it again, had it only not been read.
          let held: NumberedFragment | undefined;
          for await (const fragment of upTo.call(this, last)) {
            if (held !== undefined) yield held;
            held = fragment;
          }
        },
    ),
};

const without = (kind: LiveOutput['kind']): (() => void) =>
  patch(
    LiveTimeline.prototype,
    'add',
    (add) =>
      function* (this: LiveTimeline, fragment) {
        for (const output of add.call(this, fragment)) if (output.kind !== kind) yield output;
      },
  );

const dropsLate: Canary = {
  name: 'is listened to without what comes late',
  twist: 'heard',
  install: () => without('late'),
};

const tellsNoGaps: Canary = {
  name: 'is listened to without its gaps',
  twist: 'heard',
  install: () => without('gap'),
};

const oneFurther: Canary = {
  name: 'is listened to a frame further after a restart',
  twist: 'heard',
  listener: { state: (state) => ({ ...state, given: state.given === 0 ? 0 : state.given + 1 }) },
};

const safeTooSoon: Canary = {
  name: 'is listened to by one who takes for safe what isn’t',
  twist: 'heard',
  listener: {
    sink: (sink) => ({
      start: (call) => sink.start(call),
      audio: (...args) => sink.audio(...args),
      late: (...args) => sink.late(...args),
      gap: (...args) => sink.gap(...args),
      end: (reason) => sink.end(reason),
      close: () => {
        sink.close();
      },
      safe: Infinity,
    }),
  },
};

const waitsForListeners: Canary = {
  name: 'stores nothing before its listeners have heard it',
  twist: 'heard',
  ports: (ports, { listening }) => ({
    ...ports,
    tape: {
      ...ports.tape,
      append: async (...args) => {
        while (listening?.isWaitedFor === true) await ports.clock.sleep(100);
        await ports.tape.append(...args);
      },
    },
  }),
};

const givesTwice: Canary = {
  name: 'is listened to by one who is given twice what comes late',
  twist: 'heard',
  install: () =>
    patch(
      LiveTimeline.prototype,
      'add',
      (add) =>
        function* (this: LiveTimeline, fragment) {
          for (const output of add.call(this, fragment)) {
            yield output;
            if (output.kind === 'late') yield output;
          }
        },
    ),
};

const forgetsWhereItWas: Canary = {
  name: 'is listened to by one who, killed, goes on where the call is by then',
  twist: 'heard',
  listener: { state: (state) => ({ ...state, settled: state.taken }) },
};

const keepsWhatItOverheard: Canary = {
  name: 'is listened to with its contact’s next recording behind it',
  twist: 'heard',
  install: () => patch(Overheard.prototype, 'correct', () => () => Promise.resolve(undefined)),
};

/** A listener that takes nothing would fill the recorder’s memory, until both are killed. */
const feedsWithoutEnd: Canary = {
  name: 'lets any number of bytes wait for a listener that hangs',
  twist: 'heard',
  listener: { waitingBytesMax: Infinity },
};

export const CANARIES_OF_LISTENING: readonly Canary[] = [
  forgetsUntaped,
  skipsBetween,
  dropsLate,
  tellsNoGaps,
  oneFurther,
  safeTooSoon,
  givesTwice,
  forgetsWhereItWas,
  keepsWhatItOverheard,
  feedsWithoutEnd,
  waitsForListeners,
];
