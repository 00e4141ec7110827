/** A process that goes through one case. */
import * as v from 'valibot';
import { CASES } from './cases.ts';
import { search } from './search.ts';

export const Order = v.object({
  name: v.string(),
  ms: v.number(),
  depthMax: v.number(),
  statesMax: v.number(),
});
export type Order = v.InferOutput<typeof Order>;

const Found = v.object({ wrong: v.string(), steps: v.array(v.string()) });
export const Answer = v.object({
  states: v.number(),
  transitions: v.number(),
  runs: v.number(),
  depth: v.number(),
  left: v.number(),
  found: v.optional(Found),
});
export type Answer = v.InferOutput<typeof Answer>;

process.on('message', (message) => {
  const { name, ms, ...bounds } = v.parse(Order, message);
  const one = CASES.find((other) => other.name === name);
  if (!one) throw new Error(`there is no case “${name}”`);
  void search(one, { ...bounds, untilMs: Date.now() + ms }).then((result) => process.send?.(result));
});
