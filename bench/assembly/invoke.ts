/** invoke.mjs BUNDLE EVENT: invokes a function as Lambda does, once. Prints the answer, and how long it took. */
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';

const [bundle = '', event = ''] = process.argv.slice(2);
const Handler = v.custom<(event: unknown) => Promise<unknown>>((value) => typeof value === 'function');
const { handler } = v.parse(v.object({ handler: Handler }), {
  ...((await import(pathToFileURL(bundle).href)) as object),
});
const began = performance.now();
const answer = await handler(JSON.parse(event));
console.log(`\n${JSON.stringify({ seconds: (performance.now() - began) / 1000, answer })}`);
process.exit();
