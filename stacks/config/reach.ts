/**
 * What recorders reach from where they run. In a network without IPv4 that is what has IPv6, and a document that says so
 * (docs/COSTS-NETWORK.md has the table, and where it comes from).
 */
import { ALL_FUNCTIONS, type FunctionName, FUNCTIONS } from '../../contract/names.ts';
import type { Config } from './config.ts';

/** Of recorders that are to start, and of those that are still at work in a network that is being left. */
const networksOf = ({ network, keepNetwork }: Config) => [network, keepNetwork];

export const usesIpv6 = (config: Config): boolean => networksOf(config).includes('ipv6');

/** Recorders that reach Connect itself; the others ask a function. */
export const reachesConnect = (config: Config): boolean =>
  networksOf(config).some((network) => network !== undefined && network !== 'ipv6');

/**
 * Regions in which each service that a recorder needs is documented to have IPv6. DynamoDB is what the others lack
 * (AWS General Reference, "Amazon DynamoDB endpoints and quotas", as of 26 September 2026).
 */
export const IPV6_REGIONS: readonly string[] = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'];

/**
 * Makes the SDK's clients ask for names that have IPv6, too: DynamoDB's client takes them by this switch alone. Where an
 * endpoint is given (Kinesis Video's data plane) the client has to be told that it isn't meant.
 */
export function endpointVariables({ network }: Config): Readonly<Record<string, string>> {
  return network === 'ipv6' ? { AWS_USE_DUALSTACK_ENDPOINT: 'true' } : {};
}

/** What is deployed of them. */
export function functionsOf(config: Config): readonly FunctionName[] {
  return usesIpv6(config) ? ALL_FUNCTIONS : FUNCTIONS;
}

/** ECR's own name with IPv6 (Amazon ECR user guide, "Making requests to Amazon ECR registries"). */
export function dualStackRegistry(account: string, region: string): string {
  return `${account}.dkr-ecr.${region}.on.aws`;
}
