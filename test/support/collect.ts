/** Everything that an iteration gives. (`Array.fromAsync` needs a newer Node.) */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
