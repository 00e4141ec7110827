/**
 * For each setting of the deployment: another value than a rehearsal begins with, to see in a plan what it touches. The type
 * leaves no setting out.
 */
import type { SettingName } from '../../../stacks/config/settings.ts';
import { ACCOUNT, REGION } from '../../standins/environment.ts';
import type { Prepared } from '../tools/prepare.ts';
import { WORDS_CHANGES } from './words-changes.ts';

const SECRET_ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:listens-AbCdEf`;
const ORGANIZATION = '11111111-2222-3333-4444-555555555555';

export type GivenSettings = Readonly<Partial<Record<SettingName, string>>>;

export interface SettingChange {
  /** With what has to go with it. */
  readonly to: GivenSettings;
  /** In every rehearsal, and not in those alone that are asked for all. */
  readonly usual?: true;
  /** Applied, too, and calls recorded under it, and taken back by what comes after it; `long`: not where some settings alone are changed. */
  readonly applied?: true | 'long';
  /** What is applied after it, one after the other, before what was there before is. */
  readonly then?: readonly GivenSettings[];
  /** What a task stands in goes with it: it is applied while nobody calls, as docs/DEPLOYING.md says. */
  readonly betweenCalls?: true;
  /** What a task stands in goes when it is taken back. */
  readonly takenBackBetweenCalls?: true;
  /**
   * Somebody listens to the calls that are recorded under it, and what is said is written down: what came of that is held
   * against the recordings.
   */
  readonly live?: true;
  /** What is kept goes with it by intent; docs/DEPLOYING.md warns of it. */
  readonly takesData?: true;
  /** Not where one of these networks is deployed. */
  readonly notWith?: readonly NetworkName[];
}

export type NetworkName = 'public' | 'nat' | 'ipv6' | 'existing';

export interface NotChanged {
  /** Why there is nothing to plan. */
  readonly not: string;
}

/** @param network the one that is deployed */
export function settingChanges(
  prepared: Prepared,
  network: NetworkName = 'public',
): Readonly<Record<SettingName, SettingChange | NotChanged>> {
  const { keyArn, eventBus, vpcId, subnetIds, replicaArn } = prepared;
  const existing: GivenSettings = { network: 'existing', vpcId, subnetIds: subnetIds.join(',') };
  const copied: GivenSettings = { replicateTo: replicaArn, replicateKeyArn: keyArn };
  const ownVpc = { notWith: ['existing'] } as const;
  const anotherVpc = { betweenCalls: true, ...ownVpc } as const;
  return {
    region: { not: 'another region is another deployment' },
    prefix: { not: 'another prefix is another deployment' },
    instanceArn: { to: { instanceArn: '' }, usual: true },
    network: {
      to: { network: 'nat' },
      usual: true,
      applied: 'long',
      takenBackBetweenCalls: true,
      notWith: ['nat', 'ipv6'],
    },
    keepNetwork: { ...moving(network), usual: true, applied: 'long', ...ownVpc },
    vpcCidr: { to: { vpcCidr: '10.92.0.0/16' }, ...anotherVpc },
    zones: { to: { zones: '3' }, takenBackBetweenCalls: true, ...ownVpc },
    vpcId: { to: existing, ...anotherVpc },
    subnetIds: { to: existing, ...anotherVpc },
    assignPublicIp: { to: { ...existing, assignPublicIp: 'true' }, ...anotherVpc },
    flac: { to: { flac: 'true' }, applied: true },
    segmentSeconds: { to: { segmentSeconds: '10' }, usual: true, applied: true },
    idleTimeoutSeconds: { to: { idleTimeoutSeconds: '300' } },
    longestCallSeconds: { to: { longestCallSeconds: '7200' } },
    graceSeconds: { to: { graceSeconds: '5' } },
    spot: { to: { spot: 'false' }, usual: true },
    resumeByItself: { to: { resumeByItself: 'false' } },
    tapeDays: { to: { tapeDays: '60' }, usual: true },
    recordingDays: { to: { recordingDays: '365' } },
    keepPhoneNumbers: { to: { keepPhoneNumbers: 'false' } },
    keepAttributes: { to: { keepAttributes: 'true' } },
    protectData: { to: { protectData: 'false' } },
    dataOnly: { to: { dataOnly: 'true' } },
    kmsKeyArn: { to: { kmsKeyArn: keyArn }, takesData: true },
    accessLogs: { to: { accessLogs: 'true' }, usual: true, applied: 'long' },
    accessLogDays: { to: { accessLogs: 'true', accessLogDays: '90' } },
    replicateTo: { to: copied, usual: true, applied: 'long' },
    replicateKeyArn: { not: 'it goes with replicateTo' },
    ...liveChanges(keyArn),
    ...WORDS_CHANGES,
    manageMediaStreams: { to: { manageMediaStreams: 'false' } },
    mediaStreamPrefix: { to: { mediaStreamPrefix: 'call' }, usual: true },
    mediaRetentionHours: { to: { mediaRetentionHours: '48' } },
    mediaKeyArn: { to: { manageMediaStreams: 'false', mediaKeyArn: keyArn } },
    flows: { to: { flows: 'false' } },
    queueName: { not: 'the rehearsed instance has one queue' },
    announcement: { to: { announcement: 'We record this call.' } },
    alarmEmail: { to: { alarmEmail: '' } },
    logDays: { to: { logDays: '90' } },
    logLevel: { to: { logLevel: 'DEBUG' }, usual: true },
    flowLogs: { to: { flowLogs: 'true' }, usual: true, applied: 'long', notWith: ['existing'] },
    tracing: { to: { tracing: 'true' }, usual: true },
    connectConcurrency: { to: { connectConcurrency: '50' } },
    contactEventConcurrency: { to: { contactEventConcurrency: '20' } },
    eventBusName: { to: { eventBusName: eventBus } },
    imageBuilder: { to: { imageBuilder: 'podman' } },
    nodeImage: { to: { nodeImage: 'registry.example.org/node:24' } },
    imageUri: { to: { imageUri: 'registry.example.org/recorder:1' } },
    tags: { to: { tags: 'CostCentre=42' }, applied: 'long' },
    stateBucket: { not: 'it moves Terraform’s state, and nothing that is deployed' },
    stateRegion: { not: 'it goes with stateBucket' },
  };
}

/** To a network without IPv4, or from it, and back, each time by two deploys, as docs/COSTS-NETWORK.md says. */
function moving(from: NetworkName): Pick<SettingChange, 'to' | 'then'> {
  const other = from === 'ipv6' ? 'public' : 'ipv6';
  return {
    to: { network: other, keepNetwork: from },
    then: [{ network: other }, { network: from, keepNetwork: other }],
  };
}

/** Who listens while people talk. */
function liveChanges(keyArn: string) {
  const websocket = { liveSinks: 'websocket', liveWebsocketUrl: 'wss://listens.example.org/calls' };
  const ownImage = { liveSinks: 'socket', liveImage: 'registry.example.org/listens:1' };
  return {
    liveSinks: { to: { liveSinks: 'pieces,transcribe' }, usual: true, applied: true, live: true },
    live: { to: { liveSinks: 'pieces', live: 'off' }, applied: true },
    livePercent: { to: { liveSinks: 'pieces', livePercent: '0' } },
    liveWindowMs: { to: { liveSinks: 'pieces', liveWindowMs: '1000' } },
    livePieceSeconds: { to: { liveSinks: 'pieces', livePieceSeconds: '5' } },
    livePieceEvents: { to: { liveSinks: 'pieces', livePieceEvents: 'true' } },
    liveWebsocketUrl: { to: websocket },
    liveWebsocketDialect: { to: { ...websocket, liveWebsocketDialect: 'twilio' } },
    liveWebsocketFormat: { to: { ...websocket, liveWebsocketFormat: 'L16' } },
    liveWebsocketLanguage: { to: { ...websocket, liveWebsocketLanguage: 'en-US' } },
    liveWebsocketOrganization: { to: { ...websocket, liveWebsocketOrganization: ORGANIZATION } },
    liveWebsocketBehindSeconds: { to: { ...websocket, liveWebsocketBehindSeconds: '30' } },
    liveSecretArn: { to: { ...websocket, liveSecretArn: SECRET_ARN } },
    liveSecretKeyArn: { to: { ...websocket, liveSecretArn: SECRET_ARN, liveSecretKeyArn: keyArn } },
    liveImage: { to: ownImage },
    liveImageMemory: { to: { ...ownImage, liveImageMemory: '1024' } },
    liveImageCpu: { to: { ...ownImage, liveImageCpu: '768' } },
    liveMemory: { to: { liveSinks: 'pieces', liveMemory: '768' } },
  } satisfies Partial<Record<SettingName, SettingChange>>;
}
