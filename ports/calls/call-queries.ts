/** Finding call records, by the calls table's indexes; nothing here scans the table. */
import * as v from 'valibot';
import { CALL_STATUSES, type CallRecord, type CallStatus, END_REASONS } from '../../recording/call-record.ts';
import { callItemName } from './call-item.ts';
import { FragmentDigits } from '../checkpoints/checkpoint-item.ts';
import { DamagedItem, parseItem } from '../table/item.ts';

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

export type OnDamaged = (error: DamagedItem) => void;

/** The index that answers a query, and the value that it is asked for. */
export function indexOf(query: CallQuery): {
  readonly name: string;
  readonly key: string;
  readonly value: string;
} {
  switch (query.by) {
    case 'day':
      return { name: 'byDay', key: 'day', value: query.day };
    case 'customer':
      return { name: 'byCustomer', key: 'customerNumber', value: query.customerNumber };
    case 'status':
      return { name: 'byStatus', key: 'status', value: query.status };
  }
}

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
export function summaryOf(item: unknown): CallSummary {
  return parseItem(SummaryItem, callItemName(item), item);
}

/** The summaries of those items that are sound. @param damaged told of each other; without it the first is thrown */
export function summariesOf(items: readonly unknown[], damaged: OnDamaged | undefined): CallSummary[] {
  return items.flatMap((item) => {
    try {
      return [summaryOf(item)];
    } catch (error) {
      if (!(error instanceof DamagedItem) || damaged === undefined) throw error;
      damaged(error);
      return [];
    }
  });
}
