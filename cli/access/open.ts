import type { Access } from './access.ts';
import type { Deployment } from './deployment.ts';

/** Loads what it needs and nothing else, so that `--help` is quick. @throws CliError */
export async function openAccess(deployment: Deployment): Promise<Access> {
  if (deployment.kind === 'local') {
    const { localAccess } = await import('./local-access.ts');
    return localAccess(deployment.dir);
  }
  const { awsAccess } = await import('./aws-access.ts');
  return awsAccess(deployment);
}
