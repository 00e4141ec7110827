/** `node --import tsx test/cdktn/worker.ts FILE`: every deployment of the tests, synthesised into one file of JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOYMENTS } from '../stacks/deployments.ts';
import { ROOT, synthesise } from '../stacks/synthesise.ts';

const [, , file] = process.argv;
if (file === undefined) throw new Error('which file?');

function synthesised(settings: Readonly<Record<string, unknown>>): unknown {
  const { folder, dispose } = synthesise(settings, { bundles: join(ROOT, 'dist') });
  try {
    return JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  } finally {
    dispose();
  }
}

const all = Object.entries(DEPLOYMENTS).map(([name, settings]) => [name, synthesised(settings)]);
writeFileSync(file, JSON.stringify(Object.fromEntries(all)));
