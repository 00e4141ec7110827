/** What a recorder needs to be launched: an address, an image, and vCPUs that the account may use. */
import type { Subnet } from '@aws-sdk/client-ec2';
import { ZONES_WITHOUT_FARGATE } from '../../../contract/zones.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, ok, unknown, warning } from '../findings/finding.ts';
import { isMissing } from '../findings/refusal.ts';

/** One address a call; below this a busy hour may use them up. */
const ADDRESSES_FEW = 50;
const USE_HIGH = 0.8;
const ECR_IMAGE = /^(\d{12})\.dkr[.-]ecr\.[^/]+\/([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;

export async function addresses(deployed: Deployed): Promise<CheckResult[]> {
  const { subnetIds } = await deployed.workflow();
  const { sdk, client } = await deployed.clients.ec2();
  const { Subnets = [] } = await client.send(new sdk.DescribeSubnetsCommand({ SubnetIds: [...subnetIds] }));
  const amiss = Subnets.flatMap(withoutFargate);
  if (amiss.length > 0) return amiss;
  // A /64 has more than anybody can use; EC2 counts addresses of IPv4.
  if (Subnets.some(({ Ipv6Native }) => Ipv6Native === true))
    return [ok('the recorders have addresses of IPv6')];
  const free = Subnets.reduce((sum, { AvailableIpAddressCount = 0 }) => sum + AvailableIpAddressCount, 0);
  const where = `${subnetIds.length === 1 ? 'the subnet' : `the ${subnetIds.length} subnets`} of the recorders`;
  const remedy = 'give them larger or more subnets (vpcCidr, zones, or subnetIds with network=existing)';
  if (free === 0) return [error(`${where} have no free address: no recorder can start`, remedy)];
  if (free < ADDRESSES_FEW)
    return [warning(`${where} have only ${free} free addresses: one is used a call`, remedy)];
  return [ok(`${where} have ${free} free addresses`)];
}

function withoutFargate({ SubnetId = '', AvailabilityZoneId: zone = '' }: Subnet): CheckResult[] {
  if (!ZONES_WITHOUT_FARGATE.includes(zone)) return [];
  return [
    error(
      `the subnet ${SubnetId} is in ${zone}, where there is no Fargate: no recorder can start there`,
      'with network=existing name subnets of other zones (subnetIds)',
    ),
  ];
}

export async function image(deployed: Deployed): Promise<CheckResult[]> {
  const { image: uri } = await deployed.task();
  const found = await pulled(deployed, uri);
  if (found !== 'missing') return [found];
  return [
    error(
      `the image ${uri} is not there: no recorder can start`,
      'push it again: terraform apply -replace=terraform_data.task_image_push, since a plan doesn’t see that it was deleted; ' +
        'or push it by other means and name it by imageUri',
    ),
  ];
}

/** Whether an image is where a task would pull it from. */
export async function pulled(deployed: Deployed, uri: string): Promise<CheckResult | 'missing'> {
  const [, registryId, repositoryName, imageTag, imageDigest] = ECR_IMAGE.exec(uri) ?? [];
  if (repositoryName === undefined || registryId === undefined) {
    return unknown(`the image ${uri} is not in ECR, and can’t be looked at from here`);
  }
  const { sdk, client } = await deployed.clients.ecr();
  try {
    const imageIds = [imageDigest === undefined ? { imageTag: imageTag ?? 'latest' } : { imageDigest }];
    const command = new sdk.DescribeImagesCommand({ registryId, repositoryName, imageIds });
    const [found] = (await client.send(command)).imageDetails ?? [];
    if (found) return ok(`${repositoryName}:${imageTag ?? imageDigest ?? 'latest'} is there`);
  } catch (reason) {
    if (!isMissing(reason)) throw reason;
  }
  return 'missing';
}

/** Fargate's own quotas, by name: Spot and On-Demand are counted apart. */
export async function vCpus(deployed: Deployed): Promise<CheckResult[]> {
  const [alone, listenedTo] = await Promise.all([deployed.task(), deployed.liveTask()]);
  const perTask = Math.max(alone.vCpus, listenedTo?.vCpus ?? 0);
  const { clusterArn, listensApart } = await deployed.workflow();
  const running = await runningTasks(deployed, clusterArn);
  const quotas = await quotasOf(deployed, 'fargate', /vCPU/i);
  if (quotas.length === 0) return [unknown('Service Quotas lists none for Fargate’s vCPUs')];
  return quotas.map(({ name, value }) => {
    const spot = /spot/i.test(name);
    const used = running.filter((task) => task.spot === spot).length * perTask;
    // A listener's own task is On-Demand, beside a recorder's that may have come from Spot.
    const perCall = listensApart ? alone.vCpus + (spot ? 0 : (listenedTo?.vCpus ?? 0)) : perTask;
    const calls = perCall > 0 ? Math.floor(value / perCall) : 0;
    return judged(`${name}: ${value}, enough for ${calls} calls at once`, used / value, `${used} vCPUs`);
  });
}

export async function streamCount(deployed: Deployed): Promise<CheckResult[]> {
  const { length } = await deployed.videos();
  const [quota] = await quotasOf(deployed, 'kinesisvideo', /streams/i);
  if (!quota) return [unknown('Service Quotas lists none for the number of video streams')];
  return [judged(`${quota.name}: ${quota.value}`, length / quota.value, `${length} streams of the instance`)];
}

/** Concurrent streams over HTTP/2; each call that is written down by Transcribe takes one. */
const TRANSCRIBE_STREAMS = 'L-0599F82B';

/** Those beyond it are written down once there is room, or not at all. */
export async function transcribeStreams(deployed: Deployed): Promise<CheckResult> {
  const quotas = await quotasOf(deployed, 'transcribe', /./);
  const found = quotas.find(({ code }) => code === TRANSCRIBE_STREAMS);
  if (found === undefined) return unknown('Service Quotas lists none for Transcribe’s streams');
  return ok(`${found.name}: ${found.value}: so many calls at once are written down`);
}

function judged(quota: string, use: number, inUse: string): CheckResult {
  const remedy = 'ask for more: aws service-quotas request-service-quota-increase, or in the console';
  const what = `${quota}; ${inUse} in use`;
  if (use >= 1) return error(what, remedy);
  return use >= USE_HIGH ? warning(what, remedy) : ok(what);
}

async function quotasOf({ clients }: Deployed, ServiceCode: string, name: RegExp) {
  const { sdk, client } = await clients.quotas();
  const found: { name: string; code: string | undefined; value: number }[] = [];
  for await (const { Quotas = [] } of sdk.paginateListServiceQuotas({ client }, { ServiceCode })) {
    for (const { QuotaName = '', QuotaCode, Value } of Quotas) {
      if (Value !== undefined && Value > 0 && name.test(QuotaName))
        found.push({ name: QuotaName, code: QuotaCode, value: Value });
    }
  }
  return found;
}

/** Tasks of this deployment; others of the account count too, and aren't seen. */
async function runningTasks({ clients }: Deployed, cluster: string): Promise<{ spot: boolean }[]> {
  const { sdk, client } = await clients.ecs();
  const tasks: { spot: boolean }[] = [];
  for await (const { taskArns = [] } of sdk.paginateListTasks({ client }, { cluster })) {
    if (taskArns.length === 0) continue;
    const { tasks: described = [] } = await client.send(
      new sdk.DescribeTasksCommand({ cluster, tasks: taskArns }),
    );
    tasks.push(
      ...described.map(({ capacityProviderName }) => ({ spot: capacityProviderName === 'FARGATE_SPOT' })),
    );
  }
  return tasks;
}
