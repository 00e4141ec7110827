/** Deployments that between them use every switch. */
import { INSTANCE_ARN } from './synthesise.ts';

const KEY = 'arn:aws:kms:eu-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';
const REGION = 'eu-west-2';

export const DEPLOYMENTS = {
  'by default': {},
  'wired to an instance': { instanceArn: INSTANCE_ARN, alarmEmail: 'calls@example.org' },
  'behind NAT, On-Demand alone': {
    region: REGION,
    network: 'nat',
    zones: 3,
    vpcCidr: '10.0.0.0/24',
    spot: false,
  },
  'without IPv4': { region: 'us-west-2', network: 'ipv6', zones: 3, vpcCidr: '10.0.0.0/20' },
  'leaving public addresses for IPv6': { network: 'ipv6', keepNetwork: 'public' },
  'leaving IPv6 for NAT': { network: 'nat', keepNetwork: 'ipv6' },
  'in a VPC that is there': {
    region: REGION,
    network: 'existing',
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    assignPublicIp: true,
  },
  'with streams, key and image of others': {
    instanceArn: INSTANCE_ARN,
    manageMediaStreams: false,
    mediaStreamPrefix: 'theirs',
    mediaKeyArn: KEY,
    kmsKeyArn: KEY,
    flows: false,
    imageUri: '210987654321.dkr.ecr.eu-west-1.amazonaws.com/their/task:1.2.3',
    stateBucket: 'their-state',
    stateRegion: 'eu-west-1',
    eventBusName: 'theirs',
    tags: 'Team=voice,Cost=42',
  },
  'with streams of others and their own key': {
    instanceArn: INSTANCE_ARN,
    manageMediaStreams: false,
    imageUri: 'ghcr.io/example/task:1',
  },
  'unprotected, expiring, unreserved, silent': {
    instanceArn: INSTANCE_ARN,
    protectData: false,
    recordingDays: 365,
    tapeDays: 2,
    connectConcurrency: 0,
    contactEventConcurrency: 0,
    announcement: '',
    keepPhoneNumbers: false,
    keepAttributes: false,
    zones: 4,
  },
  'listened to, piece by piece': { instanceArn: INSTANCE_ARN, liveSinks: 'pieces', livePieceEvents: true },
  'listened to in every way': {
    instanceArn: INSTANCE_ARN,
    liveSinks: 'pieces,websocket,socket',
    liveWebsocketUrl: 'wss://listens.example.org/calls',
    liveWebsocketFormat: 'L16',
    liveWebsocketLanguage: 'en-GB',
    liveWebsocketOrganization: '22222222-3333-4444-5555-666666666666',
    liveWebsocketBehindSeconds: 30,
    liveSecretArn: 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:listens-AbCdEf',
    liveSecretKeyArn: KEY,
    liveImage: '210987654321.dkr.ecr.eu-west-1.amazonaws.com/their/listener:1.2.3',
  },
  'data alone': { dataOnly: true },
  'watched and copied, as regulated users have it': {
    instanceArn: INSTANCE_ARN,
    accessLogs: true,
    accessLogDays: 400,
    flowLogs: true,
    tracing: true,
    replicateTo: 'arn:aws:s3:::their-copies',
    replicateKeyArn: 'arn:aws:kms:eu-central-1:210987654321:key/66666666-7777-8888-9999-000000000000',
  },
  'with the longest names': {
    prefix: 'a-prefix-as-long-as-it-may-be-32',
    region: 'ap-southeast-1',
  },
} as const satisfies Record<string, Record<string, unknown>>;
