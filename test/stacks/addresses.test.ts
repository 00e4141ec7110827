/**
 * Terraform knows a resource by its address. One that is called otherwise is one that is destroyed, and another made:
 * so an address that has been deployed stays, or has its `moved` (CONTRIBUTING.md).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from './deployments.ts';
import { blocksOf } from './references.ts';
import { ROOT, synthesise } from './synthesise.ts';

/** What holds customers' voices and what is known of them. Nothing may ever replace these. */
const DATA = [
  'aws_dynamodb_table.calls',
  'aws_dynamodb_table.checkpoints',
  'aws_dynamodb_table.transcripts',
  'aws_s3_bucket.recordings',
];
const OWN_KEY = 'aws_kms_key.data_key';
/** Nothing but who has asked for what. */
const ACCESS_LOGS = 'aws_s3_bucket.access_logs';

it('docs/DEPLOYING.md names what holds data', async () => {
  const text = await readFile(join(ROOT, 'docs/DEPLOYING.md'), 'utf8');

  expect([...DATA, OWN_KEY].filter((address) => !text.includes(`\`${address}\``))).toEqual([]);
});

describe.each(Object.entries(DEPLOYMENTS))('%s', (name, settings) => {
  const stack = synthesise(settings);
  const addresses = [...blocksOf(stack)].map(({ address }) => address).toSorted();
  stack.dispose();

  it('has what it had, under the same addresses', async () => {
    const file = `addresses/${name.replaceAll(/[^a-z]+/gi, '-')}.txt`;

    await expect(`${addresses.join('\n')}\n`).toMatchFileSnapshot(file);
  });

  it('holds data where data has always been, and nowhere else', () => {
    const expected = 'kmsKeyArn' in settings ? DATA : [...DATA, OWN_KEY];
    const holding = addresses.filter((address) => /^aws_(s3_bucket|dynamodb_table|kms_key)\./.test(address));

    expect(holding.filter((address) => address !== ACCESS_LOGS)).toEqual(expected.toSorted());
  });
});
