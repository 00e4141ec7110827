/** What a process that runs seeds is asked for, and answers. */
import * as v from 'valibot';
import { TWIST_NAMES } from './generate-twists.ts';

export const Share = v.object({
  from: v.number(),
  count: v.number(),
  twist: v.optional(v.picklist(TWIST_NAMES)),
});
export type Share = v.InferOutput<typeof Share>;

export const Answer = v.object({ tried: v.number(), failures: v.array(v.string()) });
export type Answer = v.InferOutput<typeof Answer>;
