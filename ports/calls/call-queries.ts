/** Finding call records, by the calls table's indexes; nothing here scans the table. */
import * as v from 'valibot';
import { CALL_STATUSES, type CallRecord, type CallStatus, END_REASONS } from '../../recording/call-record.ts';
import { FragmentDigits } from '../checkpoints/checkpoint-item.ts';
import { DamagedItem, parseItem } from '../table/item.ts';
import type { Query, Table } from '../table/table.ts';
import { callItemName } from './call-item.ts';

/** What every index gives of a record. */
export type CallSummary = Pick<
  CallRecord,
  | 'contactId'
  | 'startFragmentNumber'
  | 'recordingId'
  | 'status'
  | 'startedAt'
  | 'durationMs'
  | 'endReason'
  | 'why'
  | 'customerNumber'
>;

/** ISO 8601 in UTC with milliseconds, as records have it: `from` ≤ startedAt < `to`. */
export interface StartSpan {
  readonly from?: string;
  readonly to?: string;
}

export type CallQuery = StartSpan &
  (
    | { readonly by: 'day'; readonly day: string }
    | { readonly by: 'customer'; readonly customerNumber: string }
    | { readonly by: 'status'; readonly status: CallStatus }
  );

/** Eventually consistent: what was written a second ago may be missing, or show an earlier status. */
export interface CallQueries {
  /**
   * The latest start first; page by page, as they are asked for.
   * @param damaged told of each record that can't be read, so that the others can be; without it they throw DamagedItem
   */
  find(query: CallQuery, damaged?: OnDamaged): AsyncIterable<CallSummary>;
}

/** @param item as far as the index has it: its keys are sound */
export type OnDamaged = (error: DamagedItem, item: unknown) => void;

const Text = v.string();
const SummaryItem = v.object({
  contactId: Text,
  startFragmentNumber: FragmentDigits,
  recordingId: Text,
  status: v.picklist(CALL_STATUSES),
  startedAt: Text,
  durationMs: v.exactOptional(v.number()),
  endReason: v.exactOptional(v.picklist(END_REASONS)),
  why: v.exactOptional(Text),
  customerNumber: v.exactOptional(Text),
});

/** @throws DamagedItem */
function summaryOf(item: unknown): CallSummary {
  return parseItem(SummaryItem, () => callItemName(item), item);
}

/** The summary of an item that is sound. @param damaged told of another; without it that is thrown */
function soundSummary(item: unknown, damaged: OnDamaged | undefined): CallSummary | undefined {
  try {
    return summaryOf(item);
  } catch (error) {
    if (!(error instanceof DamagedItem) || damaged === undefined) throw error;
    damaged(error, item);
    return undefined;
  }
}

/** Earlier and later than any time that a record has. */
const ALL_TIME = { from: '0', to: '9999-12-31T23:59:59.999Z' };

export class TableCallQueries implements CallQueries {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async *find(query: CallQuery, damaged?: OnDamaged): AsyncIterable<CallSummary> {
    const { from, to } = { ...ALL_TIME, ...query };
    if (to <= from) return;
    for await (const page of this.#table.query({ ...byIndex(query), between: [from, to], backwards: true })) {
      for (const item of page) {
        const summary = soundSummary(item, damaged);
        // A call that begins at `to` is not in the span.
        if (summary && summary.startedAt < to) yield summary;
      }
    }
  }
}

/** The index that answers a query, and the value that it is asked for. */
function byIndex(query: CallQuery): Pick<Query, 'index' | 'value'> {
  switch (query.by) {
    case 'day':
      return { index: 'byDay', value: query.day };
    case 'customer':
      return { index: 'byCustomer', value: query.customerNumber };
    case 'status':
      return { index: 'byStatus', value: query.status };
  }
}
