import type { Deployment } from './deployment.ts';

/** What an SDK client is made with; on a local run's data, the SDK's standard way. */
export function placeOf(deployment: Deployment): { readonly region?: string; readonly profile?: string } {
  if (deployment.kind === 'local') return {};
  const { region, profile } = deployment;
  return { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
}
