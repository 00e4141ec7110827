/**
 * Subnets without IPv4, whose tasks leave the VPC by an egress-only internet gateway: nobody can reach them, and none of it
 * has a price. Fargate asks ECR and CloudWatch Logs by IPv6 only where there is nothing else: in a subnet that has both it
 * asks for its image by IPv4 (https://github.com/aws/containers-roadmap/issues/2792, March 2026).
 */
import { EgressOnlyInternetGateway } from '@cdktf/provider-aws/lib/egress-only-internet-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Fn } from 'cdktf';
import type { InZone, Layout } from './layout.ts';

/** Amazon gives a VPC a /56, and a subnet is a /64. */
const SUBNET_BITS = 8;
const ANYWHERE = '::/0';

export function ipv6Subnets(layout: Layout): Subnet[] {
  const { scope, names, vpc, inZones } = layout;
  const tags = { Name: `${names.network} ipv6` };
  const gateway = new EgressOnlyInternetGateway(scope, 'ipv6_gateway', { vpcId: vpc.id, tags });
  const routes = new RouteTable(scope, 'ipv6_routes', { vpcId: vpc.id, tags });
  new Route(scope, 'ipv6_route', {
    routeTableId: routes.id,
    destinationIpv6CidrBlock: ANYWHERE,
    egressOnlyGatewayId: gateway.id,
  });
  return inZones.map((inZone) => {
    const made = subnet(layout, inZone);
    new RouteTableAssociation(scope, `tasks_ipv6_${String(inZone.index)}_routes`, {
      subnetId: made.id,
      routeTableId: routes.id,
    });
    return made;
  });
}

function subnet({ scope, names, vpc }: Layout, { index, zone }: InZone): Subnet {
  const id = `tasks_ipv6_${String(index)}`;
  return new Subnet(scope, id, {
    vpcId: vpc.id,
    availabilityZone: zone,
    ipv6Native: true,
    ipv6CidrBlock: Fn.cidrsubnet(vpc.ipv6CidrBlock, SUBNET_BITS, index),
    assignIpv6AddressOnCreation: true,
    enableResourceNameDnsAaaaRecordOnLaunch: true,
    tags: { Name: `${names.network} ${id}` },
  });
}
