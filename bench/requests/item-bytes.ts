/**
 * How large an item is, as DynamoDB counts it: "DynamoDB item sizes and formats" (Amazon DynamoDB Developer Guide). Names and
 * strings are as long as their UTF-8; a number has a byte for two digits, and one more; a list or a map three, and one for each
 * of what it holds.
 */

const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

export function itemBytes(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (Array.isArray(value))
    return value.reduce<number>((sum, one) => sum + ELEMENT_BYTES + valueBytes(one), CONTAINER_BYTES);
  if (typeof value === 'object' && value !== null)
    return CONTAINER_BYTES + Object.keys(value).length * ELEMENT_BYTES + itemBytes({ ...value });
  return 1;
}
