/** A process that runs the seeds that its parent names, a share at a time, and answers with those that fail, shrunk. */
import * as v from 'valibot';
import { TWIST_NAMES } from './generate-twists.ts';
import { report, trySeeds } from './seeds.ts';

export const Share = v.object({
  from: v.number(),
  count: v.number(),
  twist: v.optional(v.picklist(TWIST_NAMES)),
});
export type Share = v.InferOutput<typeof Share>;

export const Answer = v.object({ tried: v.number(), failures: v.array(v.string()) });
export type Answer = v.InferOutput<typeof Answer>;

async function run({ from, count, twist }: Share): Promise<Answer> {
  const failures: string[] = [];
  let tried = 0;
  while (tried < count) {
    const { tried: more, failure } = await trySeeds(from + tried, count - tried, undefined, twist);
    tried += more;
    if (failure) failures.push(await report(failure.verdict, undefined, twist));
  }
  return { tried, failures };
}

process.on('message', (message) => {
  void run(v.parse(Share, message)).then((answer) => process.send?.(answer));
});
