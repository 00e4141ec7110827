/** Whoever listens to calls while people talk: what a listener needs to begin, and which calls it is given. */
import { CONSUMER_CONTAINER, LISTENER_CONTAINER, RECOGNISER_CONTAINER } from '../../../contract/names.ts';
import { LIVE_VARIABLES } from '../../../contract/variables.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, ok, warning } from '../findings/finding.ts';
import { isMissing, unanswered } from '../findings/refusal.ts';
import { pulled, transcribeStreams } from './launch.ts';
import { BY_IPV6, lookUp, notLookedUp, OTHER_NETWORK, type Resolve6 } from './network.ts';

export function listeners(resolve6: Resolve6) {
  return (deployed: Deployed): Promise<CheckResult[]> => examined(deployed, resolve6);
}

async function examined(deployed: Deployed, resolve6: Resolve6): Promise<CheckResult[]> {
  const task = await deployed.liveTask();
  if (task === undefined) return [ok('nobody listens to calls')];
  if (task.status !== 'ACTIVE')
    return [error(`the task definition ${task.arn} is ${task.status}`, 'deploy again (docs/DEPLOYING.md)')];
  const container = (name: string) => task.containers.find((one) => one.name === name);
  const variables = container(LISTENER_CONTAINER)?.variables;
  const url = variables?.get(LIVE_VARIABLES.webSocketUrl);
  const secretArn = variables?.get(LIVE_VARIABLES.webSocketSecretArn);
  const images = [CONSUMER_CONTAINER, RECOGNISER_CONTAINER].flatMap((name) => {
    const image = container(name)?.image;
    return image === undefined ? [] : [{ name, image }];
  });
  const sinks = variables?.get(LIVE_VARIABLES.sinks) ?? 'nothing';
  const isTranscribed = sinks.split(',').includes('transcribe');
  const checks = [
    ...(isTranscribed ? [transcribeStreams(deployed)] : []),
    whichCalls(deployed, sinks),
    ...images.map(({ name, image }) => listenersImage(deployed, name, image)),
    ...(secretArn === undefined ? [] : [secret(deployed, secretArn)]),
  ];
  const names =
    variables?.has(BY_IPV6) === true
      ? [...namesReached(url, secretArn, images), ...(await wordsNames(deployed, isTranscribed, variables))]
      : [];
  return [
    ...(await Promise.all(checks.map((check) => check.catch(unanswered)))),
    ...(await byIpv6(resolve6, names, task.arn)),
  ];
}

async function whichCalls(deployed: Deployed, sinks: string): Promise<CheckResult> {
  const { live, livePercent = '100' } = await deployed.connectFunction();
  if (live === undefined)
    return error(
      'tasks have listeners, and the function connect gives them no call',
      'deploy again (docs/DEPLOYING.md)',
    );
  const asked = 'calls whose flow asks for it (parameter live)';
  if (live === 'off') return ok(`${sinks}: ${asked}`);
  if (Number(livePercent) === 0)
    return warning(`${sinks}: no calls but ${asked}: livePercent is 0`, 'live=off says so plainly');
  return ok(`${sinks}: ${livePercent} of a hundred calls, and ${asked}`);
}

/** What doesn't work without it, and by which setting it is named. */
const OF_IMAGE: Readonly<Record<string, { readonly without: string; readonly setting: string }>> = {
  [CONSUMER_CONTAINER]: { without: 'nobody listens', setting: 'liveImage' },
  [RECOGNISER_CONTAINER]: { without: 'nothing is written down', setting: 'recogniseImage' },
};

async function listenersImage(deployed: Deployed, name: string, uri: string): Promise<CheckResult> {
  const { without, setting } = OF_IMAGE[name] ?? { without: '', setting: '' };
  const found = await pulled(deployed, uri);
  if (found !== 'missing') return found;
  return error(
    `the image ${uri} is not there: calls are recorded, and ${without}`,
    `push it, or name another (${setting})`,
  );
}

async function secret(deployed: Deployed, arn: string): Promise<CheckResult> {
  const { sdk, client } = await deployed.clients.secretsManager();
  const remedy = 'make it anew, or name another (liveSecretArn)';
  try {
    const { DeletedDate } = await client.send(new sdk.DescribeSecretCommand({ SecretId: arn }));
    if (DeletedDate !== undefined) return error(`the secret ${arn} is about to be deleted`, remedy);
    return ok('the secret of whoever listens is there');
  } catch (reason) {
    if (isMissing(reason)) return error(`there is no secret ${arn}: no listener gets through`, remedy);
    throw reason;
  }
}

/**
 * What listeners need beside what recorders do: their server, its secret (of the SDK's rules, the one name of that service
 * has IPv6, too), and where an image of the deployer's lies.
 */
function namesReached(
  url: string | undefined,
  secretArn: string | undefined,
  images: readonly { readonly image: string }[],
): string[] {
  const region = secretArn?.split(':')[3];
  return [
    ...(url === undefined ? [] : [new URL(url).hostname]),
    ...(region === undefined ? [] : [`secretsmanager.${region}.amazonaws.com`]),
    ...images.map(({ image }) => registryOf(image)),
  ];
}

/** Where the SDK asks for Transcribe's streams by IPv6, and for the event bus that is told. */
async function wordsNames(
  deployed: Deployed,
  isTranscribed: boolean,
  variables: ReadonlyMap<string, string> | undefined,
): Promise<string[]> {
  const { arn } = await deployed.workflow();
  const nameOf = (service: string) => `${service}.${arn.split(':')[3] ?? ''}.api.aws`;
  return [
    ...(isTranscribed ? [nameOf('transcribestreaming')] : []),
    ...(variables?.has(LIVE_VARIABLES.transcriptEvents) === true ? [nameOf('events')] : []),
  ];
}

/** An image that names no registry is Docker Hub's. */
function registryOf(image: string): string {
  const [first = '', ...path] = image.split('/');
  const names = path.length > 0 && /[.:]/.test(first);
  return names ? first.replace(/:\d+$/, '') : 'registry-1.docker.io';
}

/** Where recorders have no IPv4, neither have listeners. */
async function byIpv6(resolve6: Resolve6, names: readonly string[], arn: string): Promise<CheckResult[]> {
  if (names.length === 0) return [];
  const { some, none, unanswered } = await lookUp(resolve6, names, arn);
  return [
    ...some.map((name) => ok(`${name} has an IPv6 address`)),
    ...none.map((name) =>
      error(`${name} has no IPv6 address, and the tasks have no IPv4: no listener reaches it`, OTHER_NETWORK),
    ),
    ...notLookedUp(unanswered),
  ];
}
