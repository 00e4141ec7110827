import type { Recording } from '../../recording/identity.ts';
import { absent, all, any, digitsAbove, present } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { callKey } from './call-item.ts';

/** What an erasure does to the calls table. What isn't there (any more) is no error. */
export interface RecordErasure {
  eraseCall(recording: Recording): Promise<void>;
  /**
   * Notes in a record where the contact's next recording began, since that one's record is going, and how much of this
   * one's tape goes with it. The nearest start that was ever noted stands, and what went with it and with those behind it
   * is added up: noted again, it changes nothing. Nothing is written where there is no such record.
   */
  noteNextStart(recording: Recording, nextStart: bigint, going: Going): Promise<void>;
}

/** Fragments of a tape that are to be erased from it. */
export interface Going {
  readonly fragments: number;
  /** How many of them a task had read live. */
  readonly live: number;
  /** From when on every assembly knew of the recording that they belong to, ISO 8601; absent where nobody can tell. */
  readonly knownFrom?: string | undefined;
}

export class TableRecordErasure implements RecordErasure {
  readonly #table: Table;

  /** @param table the calls'. */
  constructor(table: Table) {
    this.#table = table;
  }

  async eraseCall(recording: Recording): Promise<void> {
    await this.#table.remove(callKey(recording));
  }

  async noteNextStart(recording: Recording, nextStart: bigint, going: Going): Promise<void> {
    const { fragments, live, knownFrom } = going;
    const digits = nextStart.toString();
    const isNearer = any(absent('nextStartFragmentNumber'), digitsAbove('nextStartFragmentNumber', digits));
    await this.#table.change(callKey(recording), {
      name: 'noteNextStart',
      set: {
        nextStartFragmentNumber: digits,
        ...(knownFrom !== undefined && { nextKnownFrom: knownFrom }),
      },
      add: { erasedBehind: fragments, erasedBehindLive: live },
      when: all(present('recordingId'), isNearer),
    });
  }
}
