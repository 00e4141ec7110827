/** Wrong feeds, followers and listeners: each has to be found by what was heard, or by what it did to the recorder. */
import { TapeReader } from '../../live/tape-reader.ts';
import { LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';
import { FeedServer } from '../../task/feed/feed-server.ts';
import { patch } from './canary-tools.ts';
import type { Canary } from './world.ts';

/** So that whoever connects late never hears of it. */
const forgetsUntaped: Canary = {
  name: 'feeds no late listener what isn’t on the tape yet',
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
  install: () =>
    patch(
      TapeReader.prototype,
      'upTo',
      (upTo) =>
        function (this: TapeReader, last) {
          return upTo.call(this, last - 1n);
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
  install: () => without('late'),
};

const tellsNoGaps: Canary = {
  name: 'is listened to without its gaps',
  install: () => without('gap'),
};

const oneFurther: Canary = {
  name: 'is listened to a frame further after a restart',
  listener: { state: (state) => ({ ...state, given: state.given === 0 ? 0 : state.given + 1 }) },
};

const safeTooSoon: Canary = {
  name: 'is listened to by one who takes for safe what isn’t',
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

export const CANARIES_OF_LISTENING: readonly Canary[] = [
  forgetsUntaped,
  skipsBetween,
  dropsLate,
  tellsNoGaps,
  oneFurther,
  safeTooSoon,
  waitsForListeners,
];
