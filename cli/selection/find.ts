/** Chooses the index that answers a question, and puts answers together. */
import type { CallQueries, CallSummary, OnDamaged } from '../../ports/calls/call-queries.ts';
import type { CallStatus } from '../../recording/call-record.ts';
import { daysOf, type Range } from './range.ts';

export interface CallFilter {
  readonly range?: Range;
  readonly customerNumber?: string;
  /** Any of them; empty: all. */
  readonly statuses: readonly CallStatus[];
}

/** The latest start first; asks for no more pages than are read. @throws CliError */
export async function* findCalls(
  queries: CallQueries,
  filter: CallFilter,
  damaged?: OnDamaged,
): AsyncGenerator<CallSummary> {
  const { range, customerNumber, statuses } = filter;
  const hasStatus = ({ status }: CallSummary) => statuses.length === 0 || statuses.includes(status);
  if (customerNumber !== undefined) {
    for await (const call of queries.find({ by: 'customer', customerNumber, ...range }, damaged)) {
      if (hasStatus(call)) yield call;
    }
    return;
  }
  if (statuses.length > 0) {
    yield* mergeNewestFirst(
      [...new Set(statuses)].map((status) => queries.find({ by: 'status', status, ...range }, damaged)),
    );
    return;
  }
  if (range === undefined) throw new RangeError('all calls of all time are not listed at once');
  for (const day of daysOf(range)) yield* queries.find({ by: 'day', day, ...range }, damaged);
}

/** @param sources each with the latest start first */
async function* mergeNewestFirst(
  sources: readonly AsyncIterable<CallSummary>[],
): AsyncGenerator<CallSummary> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let newest: { readonly index: number; readonly call: CallSummary } | undefined;
      for (const [index, head] of heads.entries()) {
        if (head.done === true) continue;
        if (newest === undefined || head.value.startedAt > newest.call.startedAt)
          newest = { index, call: head.value };
      }
      const iterator = newest && iterators[newest.index];
      if (newest === undefined || iterator === undefined) return;
      yield newest.call;
      heads[newest.index] = await iterator.next();
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}
