/** A scenario's faults of GetMedia sessions, as the twin in memory understands them. */
import { type MediaArchive, MediaError } from '../../ports/media/media.ts';
import type { OpenPlan } from '../../ports/media/memory-media.ts';
import type { StoredFragment } from '../../ports/media/memory-stream.ts';
import type { Injector } from './injector.ts';
import type { Scenario, SessionFault } from './scenario.ts';
import { BEHIND_DIGITS, LIVE, START_MS, type TrueFragment } from './stream.ts';

export function planOf({ service, faults }: Scenario, nth: number, injector: Injector): OpenPlan {
  const { sessionMs, chunkBytes } = service;
  const base: OpenPlan = { sessionMs, ...(chunkBytes !== undefined && { chunkBytes }) };
  const fault = faults.find((one) => one.kind === 'session' && one.nth === nth);
  if (fault?.kind !== 'session') return base;
  injector.strike();
  return { ...base, ...planOfFault(fault.fault) };
}

/** GetMedia passes over some fragments, and says of each of the others how long ago it could first be read. */
export function asSent(
  fragments: readonly TrueFragment[],
  clock: { now(): number },
  plan: OpenPlan,
): OpenPlan {
  const byNumber = new Map(fragments.map((fragment) => [fragment.number, fragment]));
  return {
    ...plan,
    alter: (stored) => {
      const fragment = byNumber.get(stored.number);
      if (fragment?.plan.hidden === true) return new Uint8Array(0);
      const document = fragment ? withBehind(fragment, clock.now()) : stored.document;
      return plan.alter?.({ ...stored, document }) ?? document;
    },
  };
}

function withBehind({ behindAt, availableAtMs, document }: TrueFragment, nowMs: number): Uint8Array {
  const [live, at] = [document(LIVE), behindAt()];
  if (at === undefined) return live;
  const sent = Buffer.from(live);
  sent.write(
    Math.max(0, nowMs - availableAtMs)
      .toString()
      .padStart(BEHIND_DIGITS, '0'),
    at,
  );
  return sent;
}

/** The archive lists some fragments, and doesn't give them. */
export function withholding(
  archive: MediaArchive,
  fragments: readonly TrueFragment[],
  clock: { now(): number },
): MediaArchive {
  const untilMs = new Map<bigint, number>();
  for (const { number, plan } of fragments) {
    const { withheld } = plan;
    if (withheld !== undefined)
      untilMs.set(number, withheld === 'forever' ? Infinity : START_MS + withheld.untilMs);
  }
  if (untilMs.size === 0) return archive;
  return {
    list: (fromMs, toMs) => archive.list(fromMs, toMs),
    fetch: async (numbers) => {
      const given = numbers.filter((number) => (untilMs.get(number) ?? 0) <= clock.now());
      return given.length === 0 ? nothing() : archive.fetch(given);
    },
  };
}

// eslint-disable-next-line require-yield -- a body without a byte
async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
}

function planOfFault(fault: SessionFault): OpenPlan {
  switch (fault.how) {
    case 'refused':
      return { refuse: new MediaError(fault.error, `GetMedia: ${fault.error}`) };
    case 'cut': {
      const broken = new MediaError('unavailable', 'the body of GetMedia: ECONNRESET');
      return { afterBytes: fault.afterBytes, breakOff: fault.by === 'error' ? broken : fault.by };
    }
    case 'report': {
      const report = { id: fault.id, code: `ERROR_${fault.id}` };
      return { afterFragments: fault.afterFragments, breakOff: { report } };
    }
    case 'repeats':
      return { alter: repeated(fault.what) };
    case 'corrupt':
      return { alter: corrupted(fault.fragment) };
  }
}

function repeated(what: 'same' | 'previous'): (fragment: StoredFragment) => Uint8Array {
  let previous = new Uint8Array(0);
  return ({ document }) => {
    const again = what === 'same' ? document : previous;
    previous = document.slice();
    return Buffer.concat([document, again]);
  };
}

/** A byte right behind the head tags: the element that the Cluster should be is none. */
function corrupted(nth: number): (fragment: StoredFragment) => Uint8Array {
  let count = 0;
  return ({ document }) => {
    count += 1;
    if (count !== nth) return document;
    const bytes = Buffer.from(document);
    const at = bytes.indexOf(CLUSTER);
    if (at >= 0) bytes[at] = 0;
    return bytes;
  };
}

const CLUSTER = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75);
