/**
 * The network that tasks run in. Own VPC: subnets in a few zones, reached by nobody; S3 and DynamoDB over gateway endpoints,
 * which cost nothing; everything else over public addresses (`public`) or NAT gateways (`nat`), since Kinesis
 * Video Streams has no interface endpoint. `existing`: subnets that are there already.
 */
import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js';
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { Config } from '../config/config.ts';
import { gatewayEndpoints } from './gateway-endpoints.ts';
import type { Names } from '../../contract/names.ts';
import type { Place } from '../config/place.ts';
import type { Statement } from '../policies/policies.ts';

export interface Network {
  /** The deployment's own; undefined: it runs in somebody else's. */
  readonly ownVpcId?: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly assignPublicIp: boolean;
}

/** Bits by which a subnet's block is smaller than the VPC's: quarters for the tasks. */
const QUARTER_BITS = 2;
/** The smallest subnet there is; the NAT gateways' are cut from the last quarter. */
const SMALLEST_BITS = 28;
/** Zones without Fargate (Amazon ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate"), by their ids. */
const WITHOUT_FARGATE = ['apne1-az3', 'usw1-az2'];
const ANYWHERE = '0.0.0.0/0';
const HTTPS = 443;

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
      securityGroupId: tasksSecurityGroup(scope, names, config.vpcId ?? ''),
      assignPublicIp: config.assignPublicIp,
    };
  }
  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: config.vpcCidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { Name: names.network },
  });
  // Without rules: nothing that is put into the VPC by mistake can talk.
  new DefaultSecurityGroup(scope, 'vpc_default_security_group', { vpcId: vpc.id });
  const gateway = new InternetGateway(scope, 'vpc_gateway', { vpcId: vpc.id, tags: { Name: names.network } });
  const zones = new DataAwsAvailabilityZones(scope, 'zones', {
    state: 'available',
    // Local Zones have no Fargate.
    filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    excludeZoneIds: WITHOUT_FARGATE,
  });
  const inZones = Array.from({ length: config.zones }, (_, index) => ({
    index,
    zone: Fn.element(zones.names, index) as string,
  }));
  const layout = { scope, names, config, vpc, gateway, inZones };
  const { subnets, routeTables } = config.network === 'public' ? publicSubnets(layout) : natSubnets(layout);
  gatewayEndpoints(scope, { names, place, vpc, routeTables, taskStatements });
  return {
    ownVpcId: vpc.id,
    subnetIds: subnets.map(({ id }) => id),
    securityGroupId: tasksSecurityGroup(scope, names, vpc.id),
    assignPublicIp: config.network === 'public',
  };
}

interface Layout {
  readonly scope: Construct;
  readonly names: Names;
  readonly config: Config;
  readonly vpc: Vpc;
  readonly gateway: InternetGateway;
  readonly inZones: readonly { readonly index: number; readonly zone: string }[];
}

interface Subnets {
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
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

function publicSubnets(layout: Layout): Subnets {
  const { scope, inZones, gateway } = layout;
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
function natSubnets(layout: Layout): Subnets {
  const { scope, inZones, gateway, names, config } = layout;
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

/** Nothing comes in; out goes HTTPS alone. AWS's endpoints have no fixed addresses, hence anywhere. */
function tasksSecurityGroup(scope: Construct, names: Names, vpcId: string): string {
  const group = new SecurityGroup(scope, 'tasks_security_group', {
    name: names.taskFamily,
    description: 'Recorders: nothing in, HTTPS out',
    vpcId,
    tags: { Name: names.taskFamily },
  });
  new VpcSecurityGroupEgressRule(scope, 'tasks_https', {
    securityGroupId: group.id,
    description: 'AWS services',
    ipProtocol: 'tcp',
    fromPort: HTTPS,
    toPort: HTTPS,
    cidrIpv4: ANYWHERE,
  });
  return group.id;
}
