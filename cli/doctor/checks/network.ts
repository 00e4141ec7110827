/**
 * The way from a recorder to the services that it needs: the routes of its subnets, and, where these have no IPv4, whether
 * each service's name has an IPv6 address, here and now.
 */
import type { Route, RouteTable, RouteTableAssociation, Subnet } from '@aws-sdk/client-ec2';
import { ASKS_CONNECT, type FunctionName } from '../../../contract/names.ts';
import { TASK_VARIABLES } from '../../../contract/variables.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, NotThere, ok, unknown } from '../findings/finding.ts';

/** The IPv6 addresses of a name: `resolve6` of node:dns. It rejects where there are none. */
export type Resolve6 = (name: string) => Promise<readonly string[]>;

/** What makes a program use IPv6, where it is deployed for it. */
export const BY_IPV6 = 'AWS_USE_DUALSTACK_ENDPOINT';
const ANYWHERE = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const;
export const OTHER_NETWORK = 'set network to public or nat, and keepNetwork to ipv6 until calls are over';

export function wayOut(resolve6: Resolve6) {
  return async (deployed: Deployed): Promise<CheckResult[]> => {
    const { subnetIds } = await deployed.workflow();
    const { sdk, client } = await deployed.clients.ec2();
    const command = new sdk.DescribeSubnetsCommand({ SubnetIds: [...subnetIds] });
    const { Subnets = [] } = await client.send(command);
    const routes = await routesAmiss(deployed, Subnets);
    if (!Subnets.some(({ Ipv6Native }) => Ipv6Native === true)) {
      return routes.length > 0 ? routes : [ok('the subnets of the recorders have a way out by IPv4')];
    }
    const amiss = [...routes, ...(await settingsAmiss(deployed)), ...(await namesAmiss(deployed, resolve6))];
    return amiss.length > 0
      ? amiss
      : [
          ok(
            'the subnets of the recorders have a way out by IPv6, and what recorders need has IPv6 addresses',
          ),
        ];
  };
}

async function routesAmiss({ clients }: Deployed, subnets: readonly Subnet[]): Promise<CheckResult[]> {
  const { sdk, client } = await clients.ec2();
  const Values = [...new Set(subnets.flatMap(({ VpcId }) => VpcId ?? []))];
  const command = new sdk.DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values }] });
  const { RouteTables = [] } = await client.send(command);
  return subnets.flatMap((subnet) => {
    if (isWayOut(routesOf(subnet, RouteTables), subnet)) return [];
    const by = subnet.Ipv6Native === true ? 'IPv6' : 'IPv4';
    return [
      error(
        `the subnet ${subnet.SubnetId ?? ''} has no way out by ${by}: no recorder can start there`,
        'deploy again; with network=existing give it a route to a gateway',
      ),
    ];
  });
}

/** The routes of a subnet's own table; where it has none, those of the VPC's main one. */
function routesOf({ SubnetId }: Subnet, tables: readonly RouteTable[]): readonly Route[] {
  const tableThat = (wanted: (association: RouteTableAssociation) => boolean) =>
    tables.find(({ Associations = [] }) => Associations.some(wanted));
  const own = tableThat((association) => association.SubnetId === SubnetId);
  return (own ?? tableThat(({ Main }) => Main === true))?.Routes ?? [];
}

function isWayOut(routes: readonly Route[], { Ipv6Native }: Subnet): boolean {
  return routes.some(
    ({ State, DestinationCidrBlock, DestinationIpv6CidrBlock }) =>
      State !== 'blackhole' &&
      (Ipv6Native === true
        ? DestinationIpv6CidrBlock === ANYWHERE.ipv6
        : DestinationCidrBlock === ANYWHERE.ipv4),
  );
}

async function settingsAmiss(deployed: Deployed): Promise<CheckResult[]> {
  const { variables } = await deployed.task();
  const missing = [BY_IPV6, TASK_VARIABLES.asksConnect].filter((name) => !variables.has(name));
  if (missing.length === 0) return [];
  return [
    error(
      `the recorders’ subnets have no IPv4, but the task isn’t deployed for it: ${missing.join(', ')} missing`,
      'let network=ipv6 make the subnets; existing ones need IPv4',
    ),
  ];
}

async function namesAmiss(deployed: Deployed, resolve6: Resolve6): Promise<CheckResult[]> {
  const data = await dataEndpoints(deployed);
  const names = [...(await serviceNames(deployed)), ...(data ?? [])];
  const judged = names.map(async (name): Promise<CheckResult[]> => {
    const addresses = await resolve6(name).catch(() => []);
    if (addresses.length > 0) return [];
    return [error(`${name} has no IPv6 address: no recorder reaches it`, OTHER_NETWORK)];
  });
  return [...(data ? [] : [UNASKED]), ...(await Promise.all(judged)).flat()];
}

/** What the task's clients, ECS and its log driver ask by IPv6. */
async function serviceNames(deployed: Deployed): Promise<string[]> {
  const { image, arn } = await deployed.task();
  const region = arn.split(':')[3] ?? '';
  const services = ['kinesisvideo', 'dynamodb', 'lambda', 'logs', 'ecr'];
  return [
    ...services.map((service) => `${service}.${region}.api.aws`),
    `s3.dualstack.${region}.amazonaws.com`,
    image.split('/')[0] ?? '',
  ];
}

/** What a recorder asks a stream for: live, and in the archive. */
const ASKED_FOR = ['GET_MEDIA', 'LIST_FRAGMENTS', 'GET_MEDIA_FOR_FRAGMENT_LIST'] as const;

const UNASKED = unknown(
  'no stream can be asked for its data endpoints: whether they have IPv6 shows with the first call',
);

/**
 * Where the audio comes from: the service names it, for one stream; live audio and the archive have different names.
 * @returns undefined where there is no stream yet, or it names none
 */
async function dataEndpoints(deployed: Deployed): Promise<readonly string[] | undefined> {
  try {
    const [video] = await deployed.videos();
    if (!video) return undefined;
    const { sdk, client } = await deployed.clients.kinesisVideoByIpv6();
    const asked = ASKED_FOR.map(async (APIName) => {
      const command = new sdk.GetDataEndpointCommand({ StreamARN: video.arn, APIName });
      const { DataEndpoint } = await client.send(command);
      return DataEndpoint === undefined ? [] : [new URL(DataEndpoint).hostname];
    });
    const names = (await Promise.all(asked)).flat();
    return names.length < ASKED_FOR.length ? undefined : [...new Set(names)];
  } catch (reason) {
    if (reason instanceof NotThere) return undefined;
    throw reason;
  }
}

/** Names the function that asks Connect for recorders that can't. It is deployed where they can't. */
export async function asksByFunction(deployed: Deployed): Promise<readonly FunctionName[]> {
  const { variables } = await deployed.task();
  return variables.has(TASK_VARIABLES.asksConnect) ? [ASKS_CONNECT] : [];
}
