/** Of an even number of values the lower one of the two in the middle; undefined without values. */
export function lowerMedian(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}
