/** Wrong judgements of this program's own: of what is missing, of when a call is over, of what can't be read, of what is late. */
import { MalformedError } from '../../matroska/errors.ts';
import { MediaError, type MediaErrorKind } from '../../ports/media/media.ts';
import { MediaBody } from '../../reading/media-body.ts';
import type { Loss } from '../../recording/call-record.ts';
import { alteringFragments, patch, readingCalls } from './canary-tools.ts';
import { START_MS } from './stream.ts';
import type { Canary } from './world.ts';

/** Up to ten seconds before the hang-up, though the recorder saw no fragment of another contact. */
const takesItForTheNext: Canary = {
  name: 'takes what can’t be had shortly before the hang-up for the next caller’s',
  twist: 'withheld',
  ports: (ports) =>
    readingCalls(ports, (call) => {
      if (call.disconnectedAt === undefined) return call;
      const sooner = new Date(Date.parse(call.disconnectedAt) - 10_000).toISOString();
      return { ...call, disconnectedAt: sooner };
    }),
};

const asksTooLittle: Canary = {
  name: 'asks what the stream lists of the first seconds alone',
  twist: 'withheld',
  ports: (ports) => ({
    ...ports,
    archive: {
      ...ports.archive,
      list: (fromMs, toMs) => ports.archive.list(fromMs, Math.min(toMs, START_MS + 5_000)),
    },
  }),
};

const REFUSED: ReadonlySet<MediaErrorKind> = new Set(['accessDenied', 'keyUnavailable', 'noSuchStream']);

const refusedIsOver: Canary = {
  name: 'takes a refusal of some seconds for the end of the call',
  twist: 'denied',
  ports: (ports, { clock }) => {
    let refusals = 0;
    const isOver = () => refusals >= 6;
    const reading = readingCalls(ports, (call) =>
      isOver() ? { ...call, disconnectedAt: new Date(clock.now()).toISOString() } : call,
    );
    return {
      ...reading,
      media: {
        open: async (selector, signal) => {
          try {
            const nowhere = { kind: 'serverTimestamp', atMs: clock.now() + 10 ** 9 } as const;
            return await ports.media.open(isOver() ? nowhere : selector, signal);
          } catch (error) {
            if (error instanceof MediaError && REFUSED.has(error.kind)) refusals += 1;
            throw error;
          }
        },
      },
    };
  },
};

const neverPassesOver: Canary = {
  name: 'opens GetMedia at the same place for ever, where a fragment can’t be read',
  twist: 'garbled',
  install: () =>
    patch(
      MediaBody.prototype,
      'read',
      (read) =>
        async function (this: MediaBody, ...args) {
          try {
            return await read.apply(this, args);
          } catch (error) {
            if (error instanceof MalformedError) return { kind: 'end' };
            throw error;
          }
        },
    ),
};

/** No jitter. */
const LATE_MS = 1_000;

const lateMovesAll: Canary = {
  name: 'takes the time of a block that is late for its fragment’s',
  twist: 'stalled',
  install: () =>
    alteringFragments((fragment) => {
      const { clusterMs = 0, blocks } = fragment;
      const earliestMs = Math.min(clusterMs, ...blocks.map(({ timeMs }) => timeMs));
      const backMs = clusterMs - earliestMs < LATE_MS ? 0 : clusterMs - earliestMs;
      return { ...fragment, blocks: blocks.map((block) => ({ ...block, timeMs: block.timeMs + backMs })) };
    }),
};

/** Where the position is lost behind one: it counts from the last that was whole. */
const cutIsLost: Canary = {
  name: 'declares lost what it has kept in part',
  ports: (ports) => ({
    ...ports,
    checkpoints: {
      ...ports.checkpoints,
      end: (claim, progress, ended) =>
        ports.checkpoints.end(claim, { ...progress, losses: fromTheCut(progress.losses) }, ended),
    },
  }),
};

function fromTheCut(losses: readonly Loss[]): Loss[] {
  const cut = losses.findLast(({ kind }) => kind === 'FRAGMENT_CUT')?.firstFragmentNumber;
  return losses.map((loss) =>
    cut !== undefined &&
    loss.kind === 'POSITION_LOST' &&
    BigInt(loss.firstFragmentNumber ?? 0) === BigInt(cut) + 1n
      ? { ...loss, firstFragmentNumber: cut }
      : loss,
  );
}

/** The stream serves others, and whatever the contact may still say in another one isn't missed. */
const takenIsOver: Canary = {
  name: 'takes another contact’s audio for the end though Connect says that this one goes on',
  ports: (ports) => ({
    ...ports,
    contacts: {
      describe: async (contactId) => {
        const answer = await ports.contacts.describe(contactId);
        const goesOn = answer.known && answer.facts.disconnectedAt === undefined;
        return goesOn ? { known: false, why: 'it isn’t over' } : answer;
      },
    },
  }),
};

/** Hours go by, as it believes, while nothing comes. */
const tooLongTooSoon: Canary = {
  name: 'takes a call of minutes for one that is too long',
  ports: (ports, { clock }) => ({
    ...ports,
    clock: {
      now: () => clock.now() + (clock.now() - START_MS > 20_000 ? 7_200_000 : 0),
      sleep: (ms, signal) => ports.clock.sleep(ms, signal),
    },
  }),
};

export const CANARIES_OF_JUDGING: readonly Canary[] = [
  takesItForTheNext,
  asksTooLittle,
  refusedIsOver,
  neverPassesOver,
  lateMovesAll,
  cutIsLost,
  takenIsOver,
  tooLongTooSoon,
];
