import {
  type CallQueries,
  type CallQuery,
  type CallSummary,
  indexOf,
  type OnDamaged,
  summariesOf,
} from './call-queries.ts';

/** The twin of {@link DynamoDbCallQueries}, over items of the calls table that are held in memory. */
export class MemoryCallQueries implements CallQueries {
  readonly #items: () => Iterable<Readonly<Record<string, unknown>>>;

  /** @param items of the whole table, as they are when a query begins. */
  constructor(items: () => Iterable<Readonly<Record<string, unknown>>>) {
    this.#items = items;
  }

  async *find(query: CallQuery, damaged?: OnDamaged): AsyncIterable<CallSummary> {
    const { key, value } = indexOf(query);
    const items = [...this.#items()].filter((item) => item[key] === value);
    const found = summariesOf(items, damaged)
      .filter(({ startedAt }) => startedAt >= (query.from ?? '') && startedAt < (query.to ?? '\uffff'))
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
    await Promise.resolve();
    yield* found;
  }
}
