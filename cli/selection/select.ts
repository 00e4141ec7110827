/** Finds the recordings that a command is to work on, by its options. */
import type { CallSummary, OnDamaged } from '../../ports/calls/call-queries.ts';
import { CALL_STATUSES } from '../../recording/call-record.ts';
import type { Access } from '../access/access.ts';
import type { Io } from '../terminal/io.ts';
import { type TimeZoneArguments, timeZoneOf } from '../terminal/time-zone.ts';
import { findCalls } from './find.ts';
import { type RangeArguments, rangeOf } from './range.ts';

export interface FilterArguments extends RangeArguments, TimeZoneArguments {
  readonly customer?: string | undefined;
  /** Statuses. */
  readonly status?: readonly string[] | undefined;
}

export const DEFAULT_SPAN = '24h';

/** What the filter's options ask for; without a span, the last day, or all of one caller's. @throws CliError */
export function selectCalls(
  access: Access,
  io: Io,
  { customer, status = [], ...range }: FilterArguments,
  damaged?: OnDamaged,
): AsyncIterable<CallSummary> {
  const fallback = customer === undefined ? DEFAULT_SPAN : undefined;
  const span = rangeOf(range, io.clock.now(), fallback, timeZoneOf(range, io.env));
  const filter = {
    statuses: CALL_STATUSES.filter((known) => status.includes(known)),
    ...(span && { range: span }),
    ...(customer !== undefined && { customerNumber: customer }),
  };
  return findCalls(access.queries, filter, damaged);
}
