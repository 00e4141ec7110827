/**
 * What moto holds of a deployment, asked as AWS would be: everything that is deployed carries the deployment's prefix
 * in its name or in a tag. (moto's own list of all it holds fails where there is no Docker, and has what is gone.)
 */

interface Listing {
  readonly service: string;
  /** `X-Amz-Target`, where it speaks AWS JSON. */
  readonly target?: string;
  readonly body?: string;
  /** The form, where it speaks the query protocol. */
  readonly form?: string;
  /** The path of a GET, where it speaks REST. */
  readonly path?: string;
}

const CLUSTER = { service: 'ecs', target: 'AmazonEC2ContainerServiceV20141113.DescribeClusters' };

const LISTINGS: readonly Listing[] = [
  { service: 's3', path: '/' },
  { service: 'lambda', path: '/2015-03-31/functions/' },
  { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables' },
  { service: 'logs', target: 'Logs_20140328.DescribeLogGroups' },
  { service: 'sqs', target: 'AmazonSQS.ListQueues' },
  { service: 'events', target: 'AWSEvents.ListRules' },
  { service: 'states', target: 'AWSStepFunctions.ListStateMachines' },
  { service: 'ecs', target: 'AmazonEC2ContainerServiceV20141113.ListClusters' },
  { service: 'ecr', target: 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories' },
  { service: 'kms', target: 'TrentService.ListAliases' },
  { service: 'iam', form: 'Action=ListRoles&Version=2010-05-08' },
  { service: 'iam', form: 'Action=ListPolicies&Scope=Local&Version=2010-05-08' },
  { service: 'sns', form: 'Action=ListTopics&Version=2010-03-31' },
  { service: 'monitoring', form: 'Action=DescribeAlarms&Version=2010-08-01' },
  { service: 'monitoring', form: 'Action=ListDashboards&Version=2010-08-01' },
  // What stands in a VPC keeps it from being deleted.
  { service: 'ec2', form: 'Action=DescribeVpcs&Version=2016-11-15' },
  { service: 'ec2', form: 'Action=DescribeAddresses&Version=2016-11-15' },
];

/** A cluster that was deleted stays for a while, INACTIVE (DeleteCluster, API reference), and moto lists it still. */
const GONE = /^ecs .*:cluster\//;

/** @param url of moto. @returns a line for each name. @throws when moto can't answer. */
export async function holdingsOf(url: string, prefix: string, region: string): Promise<string[]> {
  const name = new RegExp(`[^"<>,{}]*${prefix}[^"<>,{}]*`, 'g');
  const lists = LISTINGS.map(async (listing) => {
    const text = await ask(url, listing, region);
    return (text.match(name) ?? []).map((found) => `${listing.service} ${found.trim()}`);
  });
  const names = new Set((await Promise.all(lists)).flat());
  const inactive = await ask(url, { ...CLUSTER, body: JSON.stringify({ clusters: [prefix] }) }, region);
  const clusterIsGone = !inactive.includes('"ACTIVE"');
  return [...names].filter((line) => !(clusterIsGone && GONE.test(line))).sort();
}

async function ask(
  url: string,
  { service, target, body, form, path }: Listing,
  region: string,
): Promise<string> {
  const scope = `Credential=rehearsal/20260101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(new URL(path ?? '/', url), {
    headers: {
      authorization,
      ...(target !== undefined && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(path === undefined && { method: 'POST', body: form ?? body ?? '{}' }),
  });
  const text = await answer.text();
  if (answer.ok) return text;
  throw new Error(`moto doesn't list what it has of ${service}: HTTP ${answer.status} ${text.slice(0, 200)}`);
}
