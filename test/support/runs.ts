/**
 * How often a property is tried: `usual` times, or fewer where the same tests run thousands of times, once for each change
 * of the code (`npm run mutate`); PROPERTY_RUNS_MAX then says how often at most.
 */
export function runs(usual: number): number {
  return Math.min(usual, Number(process.env.PROPERTY_RUNS_MAX ?? usual));
}
