/** Evidence of a small recording, for tests: fragments 0 to 9 are on the tape, and nothing is amiss, but for what a row says. */
import { Timeline } from '../../../recording/audio/timeline.ts';
import type { EndReason, Loss, Verification } from '../../../recording/call-record.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import type { Earlier, Evidence } from '../../../recording/losses/evidence.ts';
import { rangeFrom, rangeUpTo } from '../../../recording/range.ts';
import { TapeMerge } from '../../../recording/tape/merge.ts';
import { seal } from '../../../recording/tape/seal.ts';
import { RECORDING, RECORDING_ID, STARTED_AT } from '../../support/call.ts';
import { documentOf } from '../../support/documents.ts';
import { range } from '../../support/recording-world.ts';

export const number = (index: number) => RECORDING.startFragmentNumber + BigInt(index);

export function loss(kind: Loss['kind'], first?: number, last = first): Loss {
  return {
    kind,
    why: kind.toLowerCase(),
    ...(first !== undefined && { firstFragmentNumber: number(first).toString() }),
    ...(last !== undefined && { lastFragmentNumber: number(last).toString() }),
  };
}

export const from = (kind: Loss['kind'], first: number): Loss => {
  return { kind, why: kind.toLowerCase(), firstFragmentNumber: number(first).toString() };
};

export const LIST: Verification = {
  method: 'LIST_FRAGMENTS',
  at: STARTED_AT,
  fragmentsListed: 10,
  fragmentsMissing: 0,
};

/** Less than a block's. */
const TORN_BYTES = 100;

export interface Row {
  readonly what: string;
  /** On the tape; by default 0 to 9. */
  readonly tape?: readonly number[];
  readonly counted?: number;
  readonly position?: number;
  readonly noted?: readonly Loss[];
  readonly ended?: EndReason;
  readonly listed?: readonly number[];
  /** The last of whomever that is listed; by default the last of ours. */
  readonly listedUpTo?: number;
  readonly gone?: readonly number[];
  readonly listedToEnd?: boolean;
  readonly named?: number;
  readonly nextStart?: number;
  readonly restored?: readonly number[];
  readonly takenForNext?: number;
  readonly ofOthers?: readonly number[];
  /** Of the last fragment there is but a part. */
  readonly isTorn?: boolean;
  /** Fragments of the tape that lack their trailing tags; by default those that are declared cut. */
  readonly untagged?: readonly number[];
  /** No object of the tape may be read. */
  readonly isRefused?: boolean;
  /** The first fragment behind ours that was read and is another contact’s. */
  readonly foreign?: number;
  /** It doesn’t say whose it is. */
  readonly isUntold?: boolean;
  /** It had ended once, and was handed over. */
  readonly hadEnded?: boolean;
  /** No task has stored anything. */
  readonly isUnread?: boolean;
  readonly earlier?: Partial<Earlier>;
  readonly contact?: Evidence['contact'];
  readonly expected: readonly Partial<Loss>[];
}

export function evidenceOf(row: Row): Evidence {
  const { tape = range(0, 10), ended = 'DISCONNECTED', listed, gone = [] } = row;
  const ours =
    row.nextStart === undefined ? rangeFrom(RECORDING) : rangeUpTo(RECORDING, number(row.nextStart));
  const merge = new TapeMerge(
    RECORDING,
    ours,
    row.earlier?.losses,
    number(row.position ?? row.tape?.at(-1) ?? 9),
  );
  const untagged = new Set(row.untagged?.map(number) ?? declaredCut(row));
  const documents = tape.map(number).map((one) => documentOf({ number: one, untagged: untagged.has(one) }));
  const whole = Buffer.concat(documents);
  const bytes = row.isTorn === true ? whole.subarray(0, -TORN_BYTES) : whole;
  const [first = 0] = tape;
  const last = tape.at(-1) ?? 0;
  const uuid = seal('00000000-0000-4000-8000-000000000000', bytes);
  const content =
    row.isRefused === true ? { unreadable: 'AccessDenied', refused: true } : { pieces: [bytes] };
  const object = { first: number(first), last: number(last), uuid, content };
  const timeline = new Timeline();
  const fragments = tape.length === 0 ? [] : [...merge.add(object), ...merge.finish()];
  for (const fragment of fragments) Array.from(timeline.add(fragment));
  return {
    recording: RECORDING,
    range: ours,
    checkpoint: {
      recordingId: RECORDING_ID,
      attempt: 1,
      ...(row.isUnread !== true && { position: { lastFragmentNumber: number(row.position ?? last) } }),
      counters: { ...NO_COUNTS, fragments: row.counted ?? tape.length },
      losses: row.noted ?? [],
      ended: {
        reason: ended,
        at: STARTED_AT,
        ...(row.foreign !== undefined && { foreignFragmentNumber: number(row.foreign).toString() }),
        ...(row.isUntold !== undefined && { isForeignUntold: row.isUntold }),
      },
      ...(row.hadEnded === true && { endedBefore: { reason: 'IDLE', at: '2026-01-01T00:00:00.000Z' } }),
    },
    merge,
    timeline: timeline.facts(),
    witness: {
      askedAtMs: 0,
      listed: listed?.map(number),
      listedUpTo: listed && number(row.listedUpTo ?? Math.max(...listed)),
      why: listed ? '' : 'expired',
      restored: new Set(row.restored?.map(number)),
      ofOthers: new Set(row.ofOthers?.map(number)),
      gone: gone.map(number),
      takenForNext: row.takenForNext ?? 0,
      lastOursMs: undefined,
    },
    lastNamed: row.named === undefined ? undefined : number(row.named),
    listedToEnd: row.listedToEnd ?? false,
    contact: row.contact,
    earlier: row.earlier && {
      endReason: 'DISCONNECTED',
      endedAt: '2026-01-01T00:00:00.000Z',
      losses: [],
      disproved: [],
      verification: LIST,
      fragments: tape.length,
      standing: undefined,
      ...row.earlier,
    },
  };
}

function declaredCut({ noted = [], earlier }: Row): bigint[] {
  const cut = [...noted, ...(earlier?.losses ?? [])].filter(({ kind }) => kind === 'FRAGMENT_CUT');
  return cut.map(({ firstFragmentNumber }) => BigInt(firstFragmentNumber ?? 0));
}
