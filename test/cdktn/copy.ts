/** A copy of the checkout, in which dependencies may be changed. */
import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What git knows or would take, and the programs that were built: another place must not give other bundles. Links are
 * left out: `npm ci` in the copy empties `node_modules`, and through a link it would empty another checkout's.
 */
export function copyCheckout(root: string, to: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\0').filter((file) => file !== '' && isFile(join(root, file)));
  for (const file of [...files, 'dist']) cpSync(join(root, file), join(to, file), { recursive: true });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
