/**
 * An upgrade in the middle of a call: an older checkout's stack is deployed, a call begins, this checkout's stack is
 * deployed over it, and the call ends.
 */
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { counted, lostData } from '../stack/plan.ts';
import { mustRun, ToolFailure } from '../tools/process.ts';
import { callAcross, isUnharmed } from './across.ts';
import { deploy, plan, type Rehearsal, variablesOf } from './rehearsal.ts';

const git = promisify(execFile);

/** Leaves this checkout's stack deployed. @throws ToolFailure where the commit can't be had. */
export async function upgradeFirst(rehearsal: Rehearsal, commit: string): Promise<void> {
  const { checkout, dir, findings, workspace } = rehearsal;
  findings.begin(`the stack of ${commit}`);
  const older = join(dir, 'older');
  await checkOut(rehearsal, commit, older);
  try {
    workspace.switchTo(older);
    // Its provider may be another one than Terraform has locked, which the CLI's own deploy would stop at.
    await workspace.synthesise(variablesOf(rehearsal.base));
    await workspace.init();
    await deploy(rehearsal);
    await upgradeDuringCall(rehearsal, older);
  } finally {
    await git('git', ['worktree', 'remove', '--force', older], { cwd: checkout }).catch(() => undefined);
  }
}

/** Built with this checkout's dependencies. */
async function checkOut({ checkout, dir, signal }: Rehearsal, commit: string, to: string): Promise<void> {
  await git('git', ['worktree', 'add', '--detach', to, commit], { cwd: checkout }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new ToolFailure(`the commit ${commit} can't be had (git fetch --unshallow, perhaps): ${why}`);
  });
  symlinkSync(join(checkout, 'node_modules'), join(to, 'node_modules'));
  await mustRun({
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), 'build.ts'],
    cwd: to,
    env: { PATH: process.env.PATH ?? '', HOME: dir },
    log: join(dir, 'tools.log'),
    signal,
  });
}

async function upgradeDuringCall(rehearsal: Rehearsal, older: string): Promise<void> {
  const { checkout, findings, workspace } = rehearsal;
  const played = await callAcross(rehearsal, older, async () => {
    findings.begin('this checkout’s stack, in the middle of a call');
    workspace.switchTo(checkout);
    const changes = await plan(rehearsal);
    const lost = lostData(changes).map(({ address }) => address);
    findings.expect(lost.length === 0, `${counted(changes)}; data lost: ${lost.join(', ') || 'none'}`);
    // What has another name, and no `moved`, is seen here.
    for (const { address, kind } of changes)
      if (kind === 'replaced' || kind === 'destroyed') findings.progress(`${kind}: ${address}`);
    await deploy(rehearsal);
  });
  const told = `${played.status}, ${played.bytes} bytes`;
  findings.expect(await isUnharmed(rehearsal, played), `the call that the upgrade fell into: ${told}`);
}
