/**
 * The network that tasks run in. Own VPC: subnets in a few zones, reached by nobody. `public` and `nat`: S3 and DynamoDB over
 * gateway endpoints, which cost nothing; everything else over public addresses or NAT gateways, since Kinesis Video
 * Streams has no interface endpoint. `ipv6`: everything over IPv6. `existing`: subnets that are there already.
 */
import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import { ZONES_WITHOUT_FARGATE } from '../../contract/zones.ts';
import type { Config } from '../config/config.ts';
import type { Place } from '../config/place.ts';
import { usesIpv6 } from '../config/reach.ts';
import type { Statement } from '../policies/policies.ts';
import { gatewayEndpoints } from './gateway-endpoints.ts';
import { ipv4Subnets } from './ipv4-subnets.ts';
import { ipv6Subnets } from './ipv6-subnets.ts';
import type { InZone } from './layout.ts';
import { tasksSecurityGroup } from './security-group.ts';

export interface Network {
  /** The deployment's own; undefined: it runs in somebody else's. */
  readonly ownVpcId?: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly assignPublicIp: boolean;
}

export function network(
  scope: Construct,
  config: Config,
  names: Names,
  place: Place,
  taskStatements: readonly Statement[],
): Network {
  if (config.network === 'existing') {
    return {
      subnetIds: config.subnetIds,
      securityGroupId: tasksSecurityGroup(scope, names, config.vpcId ?? '', { ipv4: true, ipv6: false }),
      assignPublicIp: config.assignPublicIp,
    };
  }
  const way = ipv4Way(config);
  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: config.vpcCidr,
    ...(usesIpv6(config) && { assignGeneratedIpv6CidrBlock: true }),
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { Name: names.network },
  });
  // Without rules: nothing that is put into the VPC by mistake can talk.
  new DefaultSecurityGroup(scope, 'vpc_default_security_group', { vpcId: vpc.id });
  const layout = { scope, names, config, vpc, inZones: zones(scope, config) };
  const ipv4 = way && ipv4Subnets(layout, way);
  if (ipv4) gatewayEndpoints(scope, { names, place, vpc, routeTables: ipv4.routeTables, taskStatements });
  const ipv6 = usesIpv6(config) ? ipv6Subnets(layout) : undefined;
  const subnets = (config.network === 'ipv6' ? ipv6 : ipv4?.subnets) ?? [];
  return {
    ownVpcId: vpc.id,
    subnetIds: subnets.map(({ id }) => id),
    securityGroupId: tasksSecurityGroup(scope, names, vpc.id, {
      ipv4: way !== undefined,
      ipv6: ipv6 !== undefined,
    }),
    assignPublicIp: config.network === 'public',
  };
}

/** How IPv4 leaves the VPC; undefined: not at all. */
function ipv4Way({ network: wanted, keepNetwork }: Config): 'public' | 'nat' | undefined {
  return [wanted, keepNetwork].find((one) => one === 'public' || one === 'nat');
}

function zones(scope: Construct, config: Config): InZone[] {
  const available = new DataAwsAvailabilityZones(scope, 'zones', {
    state: 'available',
    // Local Zones have no Fargate.
    filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    excludeZoneIds: [...ZONES_WITHOUT_FARGATE],
  });
  return Array.from({ length: config.zones }, (_, index) => ({
    index,
    zone: Fn.element(available.names, index) as string,
  }));
}
