/**
 * What a rehearsal has the cdktf CLI run in place of `npm run synth`: the same stack of the checkout that is named,
 * and then the rehearsal's switches.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT_VARIABLE, parseSwitches, SWITCHES_VARIABLE, withSwitches } from './switches.ts';

const { [CHECKOUT_VARIABLE]: checkout, [SWITCHES_VARIABLE]: switches, CDKTF_OUTDIR } = process.env;
if (checkout === undefined || switches === undefined) {
  throw new Error('this is run by `npm run rehearse`; `npm run synth` synthesises the stack');
}
await import(pathToFileURL(join(checkout, 'stacks/main.ts')).href);
if (process.exitCode === undefined || process.exitCode === 0) {
  const file = join(CDKTF_OUTDIR ?? 'cdktf.out', 'stacks/callspool/cdk.tf.json');
  const changed = withSwitches(JSON.parse(readFileSync(file, 'utf8')), parseSwitches(switches));
  writeFileSync(file, JSON.stringify(changed, null, 2));
}
