/** A process that runs the seeds that its parent names, a share at a time, and answers with those that fail, shrunk. */
import * as v from 'valibot';
import { report, trySeeds } from './seeds.ts';

export const Share = v.object({ from: v.number(), count: v.number() });
export type Share = v.InferOutput<typeof Share>;

export const Answer = v.object({ tried: v.number(), failures: v.array(v.string()) });
export type Answer = v.InferOutput<typeof Answer>;

async function run({ from, count }: Share): Promise<Answer> {
  const failures: string[] = [];
  let tried = 0;
  while (tried < count) {
    const { tried: more, failure } = await trySeeds(from + tried, count - tried);
    tried += more;
    if (failure) failures.push(await report(failure.verdict));
  }
  return { tried, failures };
}

process.on('message', (message) => {
  void run(v.parse(Share, message)).then((answer) => process.send?.(answer));
});
