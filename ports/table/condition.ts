/**
 * Under what condition an item is written, as data: an adapter sends it, or judges it itself. Each is told by what DynamoDB's
 * Developer Guide says under “Condition and filter expressions, operators, and functions”; that the twins say the same of
 * random items is held by test/ports/table/table.test.ts.
 *
 * - `absent`, `present`: whether the item has the attribute, whatever its value. Where there is no item all are absent
 * - `equals`: value and type are the same
 * - `below`, `atMost`, `above`: numbers by value, texts by their bytes in UTF-8 (not as JavaScript orders them)
 * - `shorter`, `asLong`, `longer`: a text's length; of ASCII only, since the guide doesn't say what is counted otherwise
 * - `all`, `any`: of others
 *
 * Nothing but `absent` or `present` is true of an attribute that is absent or of another type.
 */
import type { Item } from './table.ts';

type Sized = 'shorter' | 'asLong' | 'longer';

export type Condition =
  | { readonly is: 'absent' | 'present'; readonly attribute: string }
  | { readonly is: 'equals'; readonly attribute: string; readonly value: string | number | boolean }
  | { readonly is: 'below' | 'atMost' | 'above'; readonly attribute: string; readonly value: string | number }
  | { readonly is: Sized; readonly attribute: string; readonly length: number }
  | { readonly is: 'all' | 'any'; readonly of: readonly [Condition, ...Condition[]] };

export const absent = (attribute: string): Condition => ({ is: 'absent', attribute });
export const present = (attribute: string): Condition => ({ is: 'present', attribute });
export const equals = (attribute: string, value: string | number | boolean): Condition => {
  return { is: 'equals', attribute, value };
};
export const below = (attribute: string, value: string | number): Condition => {
  return { is: 'below', attribute, value };
};
export const atMost = (attribute: string, value: string | number): Condition => {
  return { is: 'atMost', attribute, value };
};
export const above = (attribute: string, value: string | number): Condition => {
  return { is: 'above', attribute, value };
};
export const sized = (attribute: string, is: Sized, length: number): Condition => ({ is, attribute, length });
export const all = (...of: [Condition, ...Condition[]]): Condition => ({ is: 'all', of });
export const any = (...of: [Condition, ...Condition[]]): Condition => ({ is: 'any', of });

/** Compares digits without leading zeros: as numbers they are ordered by their count, and then as text. */
export function digitsBelow(attribute: string, digits: string): Condition {
  const sameCount = sized(attribute, 'asLong', digits.length);
  return any(sized(attribute, 'shorter', digits.length), all(sameCount, below(attribute, digits)));
}

/** The same, the other way round. */
export function digitsAbove(attribute: string, digits: string): Condition {
  const sameCount = sized(attribute, 'asLong', digits.length);
  return any(sized(attribute, 'longer', digits.length), all(sameCount, above(attribute, digits)));
}

/** Tells whether it is true of that item, or of none. */
export function holds(condition: Condition, item: Item = {}): boolean {
  switch (condition.is) {
    case 'all':
      return condition.of.every((one) => holds(one, item));
    case 'any':
      return condition.of.some((one) => holds(one, item));
    case 'absent':
      return item[condition.attribute] === undefined;
    case 'present':
      return item[condition.attribute] !== undefined;
    case 'equals':
      return item[condition.attribute] === condition.value;
    case 'below':
      return orderOf(item[condition.attribute], condition.value) < 0;
    case 'atMost':
      return orderOf(item[condition.attribute], condition.value) <= 0;
    case 'above':
      return orderOf(item[condition.attribute], condition.value) > 0;
    case 'shorter':
      return lengthOf(item[condition.attribute]) < condition.length;
    case 'asLong':
      return lengthOf(item[condition.attribute]) === condition.length;
    case 'longer':
      return lengthOf(item[condition.attribute]) > condition.length;
  }
}

/** Orders two values as DynamoDB does: below 0, 0, above 0. NaN: they have no order, so that no comparison is true of them. */
export function orderOf(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return typeof a === 'string' && typeof b === 'string'
    ? Buffer.compare(Buffer.from(a), Buffer.from(b))
    : NaN;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : NaN;
}
