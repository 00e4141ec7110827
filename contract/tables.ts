/** The tables: keys and indexes, as the stack deploys them and the stand-ins create them. */

export interface TableKey {
  readonly hashKey: string;
  readonly rangeKey?: string;
}

export interface TableIndex extends TableKey {
  readonly name: string;
  /** Attributes beside the keys; few, so that a query by index stays cheap. */
  readonly projected: readonly string[];
}

export interface TableSchema extends TableKey {
  /** What follows the deployment's name prefix. */
  readonly suffix: string;
  /** Attribute with the epoch second at which an item expires. */
  readonly timeToLive?: string;
  readonly indexes: readonly TableIndex[];
}

export const CHECKPOINTS_TABLE: TableSchema = {
  suffix: 'checkpoints',
  hashKey: 'recordingId',
  timeToLive: 'expiresAt',
  indexes: [],
};

const PROJECTED = ['recordingId', 'durationMs', 'endReason', 'why'] as const;

/** All keys are strings. */
export const CALLS_TABLE: TableSchema = {
  suffix: 'calls',
  hashKey: 'contactId',
  rangeKey: 'startFragmentNumber',
  indexes: [
    {
      name: 'byDay',
      hashKey: 'day',
      rangeKey: 'startedAt',
      projected: [...PROJECTED, 'status', 'customerNumber'],
    },
    {
      name: 'byCustomer',
      hashKey: 'customerNumber',
      rangeKey: 'startedAt',
      projected: [...PROJECTED, 'status'],
    },
    {
      name: 'byStatus',
      hashKey: 'status',
      rangeKey: 'startedAt',
      projected: [...PROJECTED, 'customerNumber'],
    },
  ],
};

/** What was said, row by row. All keys are strings. */
export const TRANSCRIPTS_TABLE: TableSchema = {
  suffix: 'transcripts',
  hashKey: 'recordingId',
  rangeKey: 'segmentId',
  timeToLive: 'expiresAt',
  indexes: [],
};

/** Every attribute that is a key somewhere; all are strings. */
export function keyAttributes(table: TableSchema): string[] {
  const keys = [table, ...table.indexes].flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey ?? []].flat());
  return [...new Set(keys)];
}
