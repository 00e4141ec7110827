/** From a deployment to nothing: refused while protected, data alone, back, and all of it gone. */
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, REGION } from '../../standins/environment.ts';
import { appliedIn, countManaged, readState } from '../calls/state.ts';
import type { GivenSettings } from '../stack/setting-changes.ts';
import { holdingsOf } from '../tools/holdings.ts';
import { deploy, expectRest, PREFIX, type Rehearsal, variablesOf } from './rehearsal.ts';

const count = ({ workspace }: Rehearsal) => countManaged(readState(workspace.statePath));

/** @param more settings that are deployed beside those that every deploy has */
export async function refusedWhileProtected(rehearsal: Rehearsal, more: GivenSettings): Promise<void> {
  const { findings, workspace, base } = rehearsal;
  findings.begin('destroy, while the data is protected');
  const before = count(rehearsal);
  const { code } = await workspace.destroy(variablesOf({ ...base, ...more }));
  findings.expect(code !== 0, 'cdktf destroy is refused');
  // The CLI keeps Terraform's reason to itself.
  const { tail } = await workspace.planDestroy();
  findings.expect(/cannot be\s+destroyed/.test(tail), 'Terraform says what can’t be destroyed');
  findings.expect(count(rehearsal) === before, `all ${before} resources are there still`);
  await expectRest(rehearsal, more);
}

/** @param more settings that are deployed: moto forgets no tag of what it deletes, and what is made anew has the same here */
export async function dataAloneAndBack(rehearsal: Rehearsal, more: GivenSettings): Promise<void> {
  const { findings } = rehearsal;
  findings.begin('the data alone');
  const alone = { ...more, dataOnly: 'true' } as const;
  await deploy(rehearsal, alone);
  await expectRest(rehearsal, alone);
  findings.begin('and back');
  await deploy(rehearsal, more);
  await expectRest(rehearsal, more);
}

export async function destroyed(rehearsal: Rehearsal): Promise<void> {
  const { findings, workspace, base } = rehearsal;
  findings.begin('destroy, with the protection lifted');
  const unprotected = { protectData: 'false' } as const;
  await deploy(rehearsal, unprotected);
  await emptyBucket(rehearsal);
  const held = await leftovers(rehearsal);
  findings.expect(held.length > 0, `before, ${held.length} names of it are there`);
  const { code, tail } = await workspace.destroy(variablesOf({ ...base, ...unprotected }));
  findings.expect(code === 0, code === 0 ? 'cdktf destroy: done' : `cdktf destroy failed: ${tail}`);
  findings.expect(count(rehearsal) === 0, 'Terraform’s state is empty');
  const left = await leftovers(rehearsal);
  findings.expect(left.length === 0, left.length === 0 ? 'nothing is left' : `left: ${left.join('; ')}`);
}

/** Empties a bucket as docs/DEPLOYING.md says: every version of every object. */
async function emptyBucket({ front, workspace }: Rehearsal): Promise<void> {
  const { bucket } = appliedIn(readState(workspace.statePath), PREFIX);
  const s3 = new S3Client(clientConfig(front.url));
  try {
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      const Objects = all.map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) return;
      await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
    }
  } finally {
    s3.destroy();
  }
}

/** A key that waits for its deletion and old revisions of the task stay for a while, in AWS as in moto. */
async function leftovers({ front, moto }: Rehearsal): Promise<string[]> {
  return [...(await holdingsOf(moto.url, PREFIX, REGION)), ...front.connect.leftovers()];
}
