/**
 * Terraform knows a resource by its address. One that is called otherwise is one that is destroyed, and another made:
 * so an address that has been deployed stays, or has its `moved` (docs/DEPLOYING.md).
 */
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from './deployments.ts';
import { blocksOf } from './references.ts';
import { synthesise } from './synthesise.ts';

/** What holds customers' voices and what is known of them. Nothing may ever replace these. */
const DATA = ['aws_dynamodb_table.calls', 'aws_dynamodb_table.checkpoints', 'aws_s3_bucket.recordings'];
const OWN_KEY = 'aws_kms_key.data_key';

describe.each(Object.entries(DEPLOYMENTS))('%s', (name, settings) => {
  const stack = synthesise(settings);
  const addresses = [...blocksOf(stack)].map(({ address }) => address).toSorted();
  stack.dispose();

  it('has what it had, under the same addresses', async () => {
    const file = `addresses/${name.replaceAll(/[^a-z]+/gi, '-')}.txt`;

    await expect(`${addresses.join('\n')}\n`).toMatchFileSnapshot(file);
  });

  it('holds data where data has always been', () => {
    const expected = 'kmsKeyArn' in settings ? DATA : [...DATA, OWN_KEY];

    expect(addresses).toEqual(expect.arrayContaining(expected));
  });
});
