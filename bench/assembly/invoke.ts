/** invoke.mjs BUNDLE EVENT: invokes a function as Lambda does, once. Prints the answer, and how long it took. */
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';

const [bundle = '', event = ''] = process.argv.slice(2);
const Handler = v.custom<(event: unknown) => Promise<unknown>>((value) => typeof value === 'function');
const { handler } = v.parse(v.object({ handler: Handler }), {
  ...((await import(pathToFileURL(bundle).href)) as object),
});
// Lambda's runtime has opened it before it asks for an event; Node.js does so when it is first written to.
const { stdout } = process;
const began = performance.now();
const answer = await handler(JSON.parse(event));
const seconds = (performance.now() - began) / 1000;
stdout.write(`\n${JSON.stringify({ seconds, answer })}\n`);
process.exit();
