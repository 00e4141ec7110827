/** Subnets whose tasks leave the VPC by IPv4: over an address of their own, or over NAT. */
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { Layout } from './layout.ts';

/** Bits by which a subnet's block is smaller than the VPC's: quarters for the tasks. */
const QUARTER_BITS = 2;
/** The smallest subnet there is; the NAT gateways' are cut from the last quarter. */
const SMALLEST_BITS = 28;
const ANYWHERE = '0.0.0.0/0';

export interface Ipv4Subnets {
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
}

export function ipv4Subnets(layout: Layout, way: 'public' | 'nat'): Ipv4Subnets {
  const { scope, vpc, names } = layout;
  const gateway = new InternetGateway(scope, 'vpc_gateway', { vpcId: vpc.id, tags: { Name: names.network } });
  return way === 'public' ? publicSubnets(layout, gateway) : natSubnets(layout, gateway);
}

function subnet(layout: Layout, id: string, zone: string, bits: number, block: number): Subnet {
  return new Subnet(layout.scope, id, {
    vpcId: layout.vpc.id,
    availabilityZone: zone,
    cidrBlock: Fn.cidrsubnet(layout.config.vpcCidr, bits, block),
    // A task asks for its address itself; nothing else gets one.
    mapPublicIpOnLaunch: false,
    tags: { Name: `${layout.names.network} ${id}` },
  });
}

function routeTable({ scope, names, vpc }: Layout, id: string): RouteTable {
  return new RouteTable(scope, id, { vpcId: vpc.id, tags: { Name: `${names.network} ${id}` } });
}

function publicSubnets(layout: Layout, gateway: InternetGateway): Ipv4Subnets {
  const { scope, inZones } = layout;
  const routes = routeTable(layout, 'public_routes');
  new Route(scope, 'public_route', {
    routeTableId: routes.id,
    destinationCidrBlock: ANYWHERE,
    gatewayId: gateway.id,
  });
  const subnets = inZones.map(({ index, zone }) => {
    const made = subnet(layout, `tasks_${String(index)}`, zone, QUARTER_BITS, index);
    associate(scope, `tasks_${String(index)}_routes`, made, routes);
    return made;
  });
  return { subnets, routeTables: [routes] };
}

/** A NAT gateway in each zone: a zone that fails takes no other with it. */
function natSubnets(layout: Layout, gateway: InternetGateway): Ipv4Subnets {
  const { scope, inZones, names, config } = layout;
  const outer = routeTable(layout, 'gateway_routes');
  new Route(scope, 'gateway_route', {
    routeTableId: outer.id,
    destinationCidrBlock: ANYWHERE,
    gatewayId: gateway.id,
  });
  const bits = SMALLEST_BITS - Number(config.vpcCidr.split('/')[1]);
  const lastQuarter = 3 * 2 ** (bits - QUARTER_BITS);
  const made = inZones.map(({ index, zone }) => {
    const n = String(index);
    const edge = subnet(layout, `gateway_${n}`, zone, bits, lastQuarter + index);
    associate(scope, `gateway_${n}_routes`, edge, outer);
    const address = new Eip(scope, `nat_${n}_address`, { domain: 'vpc' });
    const nat = new NatGateway(scope, `nat_${n}`, {
      subnetId: edge.id,
      allocationId: address.id,
      tags: { Name: `${names.network} ${n}` },
      dependsOn: [gateway],
    });
    const routes = routeTable(layout, `tasks_${n}_route_table`);
    new Route(scope, `tasks_${n}_route`, {
      routeTableId: routes.id,
      destinationCidrBlock: ANYWHERE,
      natGatewayId: nat.id,
    });
    const inner = subnet(layout, `tasks_${n}`, zone, QUARTER_BITS, index);
    associate(scope, `tasks_${n}_routes`, inner, routes);
    return { inner, routes };
  });
  return { subnets: made.map(({ inner }) => inner), routeTables: made.map(({ routes }) => routes) };
}

function associate(scope: Construct, id: string, of: Subnet, routes: RouteTable): void {
  new RouteTableAssociation(scope, id, { subnetId: of.id, routeTableId: routes.id });
}
