import { expect, it } from 'vitest';
import { tableName } from '../../../functions/support/table-name.ts';

const VARIABLE = 'CALLSPOOL_CALLS_TABLE';
const named = (name: string | undefined) => tableName({ [VARIABLE]: name }, VARIABLE);

it.each(['abc', 'callspool-calls', 'A_9.z-', 'x'.repeat(255)])('is DynamoDB’s to take: %s', (name) => {
  expect(named(name)).toBe(name);
});

it.each(['ab', 'x'.repeat(256), 'calls/', '/calls', 'call!s', 'my calls', 'żółw', 'calls\nx'])(
  'is refused before anything is asked of DynamoDB: %j',
  (name) => {
    expect(() => named(name)).toThrow(`${VARIABLE} must name a table: 3 to 255 letters`);
  },
);

it('must be there', () => {
  expect(() => named(undefined)).toThrow(`${VARIABLE} must be set`);
});
