/** The wiring of the Connect instance: live media streaming, the function, what Connect tells of calls. */
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, NotThere, ok, warning } from '../findings/finding.ts';
import { isMissing } from '../findings/refusal.ts';

const SOME_MAX = 3;
const RETENTION_HOURS = 24;

export async function instance(deployed: Deployed): Promise<CheckResult[]> {
  try {
    return [ok((await deployed.instance()).arn)];
  } catch (reason) {
    if (!(reason instanceof NotThere)) throw reason;
    return [
      warning(reason.message, 'deploy with CALLSPOOL_INSTANCE_ARN, or wire it by hand (output next_steps)'),
    ];
  }
}

/** The commonest reasons for empty recordings. */
export async function mediaStreaming(deployed: Deployed): Promise<CheckResult[]> {
  const { id } = await deployed.instance();
  const settings = await deployed.mediaSettings();
  if (!settings) {
    return [
      error(
        'live media streaming is off: there is nothing to record',
        `deploy with manageMediaStreams, or: aws connect associate-instance-storage-config --instance-id ${id} --resource-type MEDIA_STREAMS …`,
      ),
    ];
  }
  const { prefix, retentionHours } = settings;
  if (retentionHours === 0) {
    return [
      error(
        'streams keep no audio (retention is 0 hours): what isn’t read within 5 minutes is lost, and nothing can be fetched later',
        'set the retention of live media streaming to 24 hours, say: in Connect’s console under Data storage, or by deploying with manageMediaStreams',
      ),
    ];
  }
  return [ok(`on, with prefix ${prefix}; streams keep audio for ${retentionHours} hours`)];
}

/** A stream keeps the retention that it was made with, whatever the instance is set to since. */
export async function streams(deployed: Deployed): Promise<CheckResult[]> {
  const videos = await deployed.videos();
  const forgetful = videos.filter(({ retentionHours }) => retentionHours === 0);
  if (forgetful.length > 0) {
    const names = forgetful.slice(0, SOME_MAX).map(({ name }) => name);
    const more = forgetful.length > SOME_MAX ? ', …' : '';
    return [
      error(
        `${forgetful.length} of ${videos.length} streams keep no audio: ${names.join(', ')}${more}`,
        `for each: aws kinesisvideo update-data-retention --stream-name NAME --operation INCREASE_DATA_RETENTION --data-retention-change-in-hours ${RETENTION_HOURS} --current-version VERSION`,
      ),
    ];
  }
  if (videos.length === 0) return [ok('none yet: Connect makes them with the first calls')];
  return [ok(`${videos.length} streams, all of which keep audio`)];
}

export async function association(deployed: Deployed): Promise<CheckResult[]> {
  const { id } = await deployed.instance();
  const { arn } = await deployed.connectFunction();
  const { sdk, client } = await deployed.clients.connect();
  for await (const { LambdaFunctions = [] } of sdk.paginateListLambdaFunctions(
    { client },
    { InstanceId: id },
  )) {
    if (LambdaFunctions.includes(arn)) return [ok('the instance may invoke the connect function')];
  }
  return [
    error(
      'the instance doesn’t know the connect function: no flow can invoke it',
      `aws connect associate-lambda-function --instance-id ${id} --function-arn ${arn}`,
    ),
  ];
}

/** Without them a call’s end is found out by asking, and later. */
export async function contactEvents(deployed: Deployed): Promise<CheckResult[]> {
  await deployed.instance();
  const name = deployed.names.contactEventRule;
  const { sdk, client } = await deployed.clients.eventBridge();
  try {
    const { State } = await client.send(new sdk.DescribeRuleCommand({ Name: name }));
    if (State === 'ENABLED') return [ok('contact events come in')];
    return [
      warning(`the rule ${name} is disabled: recordings end late`, `aws events enable-rule --name ${name}`),
    ];
  } catch (reason) {
    if (!isMissing(reason)) throw reason;
    return [warning(`there is no rule ${name}: recordings end late`, 'deploy with CALLSPOOL_INSTANCE_ARN')];
  }
}
