/**
 * The way from a recorder to the services that it needs: the routes of its subnets, and, where these have no IPv4, whether
 * each service's name has an IPv6 address, here and now.
 */
import type { Route, RouteTable, RouteTableAssociation, Subnet } from '@aws-sdk/client-ec2';
import { ASKS_CONNECT, type FunctionName } from '../../../contract/names.ts';
import { TASK_VARIABLES } from '../../../contract/variables.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, NotThere, ok, unknown } from '../findings/finding.ts';

/** The IPv6 addresses of a name: `resolve6` of node:dns. It rejects where there are none, and where nobody answers. */
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
  const { none, unanswered } = await lookUp(
    resolve6,
    [...(await serviceNames(deployed)), ...(data ?? [])],
    (await deployed.task()).arn,
  );
  return [
    ...(data ? [] : [UNASKED]),
    ...none.map((name) => error(`${name} has no IPv6 address: no recorder reaches it`, OTHER_NETWORK)),
    ...notLookedUp(unanswered),
  ];
}

/** Names by what was found of them. */
interface LookedUp {
  readonly some: readonly string[];
  readonly none: readonly string[];
  /** Nobody answered who knows. */
  readonly unanswered: readonly string[];
}

/**
 * A machine that can't ask a name server, or one that knows nothing of AWS, learns nothing of the names: S3's is there in
 * every region.
 * @param arn of something in the region
 */
export async function lookUp(resolve6: Resolve6, names: readonly string[], arn: string): Promise<LookedUp> {
  const known = await oneName(resolve6, s3Name(arn.split(':')[3] ?? ''));
  const asked = await Promise.all(
    names.map(async (name) => ({ name, found: await oneName(resolve6, name) })),
  );
  const that = (isMeant: (found: Found) => boolean) =>
    asked.filter(({ found }) => isMeant(found)).map(({ name }) => name);
  const isUnanswered = (found: Found) =>
    found === 'no answer' || (found === 'no such name' && known === 'no such name');
  return {
    some: that((found) => found === 'an address'),
    none: that((found) => found !== 'an address' && !isUnanswered(found)),
    unanswered: that(isUnanswered),
  };
}

type Found = 'an address' | 'no address' | 'no such name' | 'no answer';

async function oneName(resolve6: Resolve6, name: string): Promise<Found> {
  try {
    return (await resolve6(name)).length > 0 ? 'an address' : 'no address';
  } catch (reason) {
    const code = reason instanceof Error && 'code' in reason ? reason.code : undefined;
    if (code === 'ENODATA') return 'no address';
    return code === 'ENOTFOUND' ? 'no such name' : 'no answer';
  }
}

const s3Name = (region: string) => `s3.dualstack.${region}.amazonaws.com`;

/** @returns one finding for all of them, since it is the machine that can't ask */
export function notLookedUp(names: readonly string[]): CheckResult[] {
  if (names.length === 0) return [];
  const which = `${names.join(', ')} ${names.length === 1 ? 'has an IPv6 address' : 'have IPv6 addresses'}`;
  return [
    unknown(
      `no name server that knows AWS answers here: whether ${which} isn’t known`,
      'run the doctor where names on the internet are looked up',
    ),
  ];
}

/** What the task's clients, ECS and its log driver ask by IPv6. */
async function serviceNames(deployed: Deployed): Promise<string[]> {
  const { image, arn } = await deployed.task();
  const region = arn.split(':')[3] ?? '';
  const services = ['kinesisvideo', 'dynamodb', 'lambda', 'logs', 'ecr'];
  return [
    ...services.map((service) => `${service}.${region}.api.aws`),
    s3Name(region),
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
