/** A process that runs the seeds that its parent names, a share at a time, and answers with those that fail, shrunk. */
import * as v from 'valibot';
import { report, trySeeds } from './seeds.ts';
import { type Answer, Share } from './share.ts';

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
