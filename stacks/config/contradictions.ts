/** Settings that are fine by themselves, and wrong together. */
import type { Config } from './config.ts';
import { ofLive } from './live-contradictions.ts';
import { IPV6_REGIONS, usesIpv6 } from './reach.ts';
import { ofRegulated } from './regulated.ts';
import { REGION, type SettingName, settingVariable } from './settings.ts';
import { ofWords } from './words-contradictions.ts';

const HOURS_A_DAY = 24;
const SECONDS_AN_HOUR = 3_600;
/** What the workflow tries in at most (contract/workflow.ts). */
const ASSEMBLY_HOURS = 12;

/** @param isSet whether a setting was given at all. @returns one line a contradiction. */
export function contradictions(config: Config, isSet: (name: SettingName) => boolean): string[] {
  return [
    ...ofRegion(config),
    ...ofNetwork(config, isSet),
    ...ofTimes(config),
    ...ofMediaStreams(config, isSet),
    ...ofImageAndState(config, isSet),
    ...ofRegulated(config, isSet),
    ...ofLive(config, isSet),
    ...ofWords(config, isSet),
  ];
}

function ofRegion({ region, instance, kmsKeyArn, mediaKeyArn }: Config): string[] {
  const lines: string[] = [];
  if (!REGION.test(region)) {
    lines.push(
      `region is "${region}" (AWS_REGION or AWS_DEFAULT_REGION), which is malformed: allowed is a region such as eu-west-2`,
    );
  }
  if (instance !== undefined && instance.region !== region) {
    lines.push(`region is ${region}, but instanceArn names ${instance.region}: both must be the same`);
  }
  for (const [name, arn] of Object.entries({ kmsKeyArn, mediaKeyArn })) {
    const keyRegion = arn?.split(':')[3];
    if (keyRegion !== undefined && keyRegion !== region) {
      lines.push(`${name} is a key in ${keyRegion}, but region is ${region}: the key must be in that region`);
    }
  }
  return lines;
}

function ofNetwork(config: Config, isSet: (name: SettingName) => boolean): string[] {
  const existing = config.network === 'existing';
  const lines: string[] = [];
  if (existing && config.vpcId === undefined) {
    lines.push(`network is existing, so that vpcId (${settingVariable('vpcId')}) must name the VPC`);
  }
  if (existing && config.subnetIds.length === 0) {
    lines.push(
      `network is existing, so that subnetIds (${settingVariable('subnetIds')}) must name its subnets`,
    );
  }
  const foreign: SettingName[] = existing ? ['vpcCidr', 'zones'] : ['vpcId', 'subnetIds', 'assignPublicIp'];
  for (const name of foreign.filter(isSet)) {
    lines.push(
      `${name} is set, but network is ${config.network}: allowed is ${name} with network=${existing ? 'public, ipv6 or nat' : 'existing'} alone`,
    );
  }
  if (config.network === 'nat' && config.zones > 3) {
    lines.push(
      'zones is 4, but network is nat: allowed is at most 3, since the gateways take a quarter of the VPC',
    );
  }
  lines.push(...ofIpv6(config), ...ofKeptNetwork(config));
  if (!isCidr(config.vpcCidr)) {
    lines.push(
      `vpcCidr is "${config.vpcCidr}", which is no block: allowed is a first address on the block’s boundary, such as 10.91.0.0/16`,
    );
  }
  return lines;
}

/** ECR's name that IPv4 alone reaches. */
const IPV4_REGISTRY = '.dkr.ecr.';

function ofIpv6(config: Config): string[] {
  if (!usesIpv6(config)) return [];
  const { region, imageUri, liveImage, recogniseImage } = config;
  const lines: string[] = [];
  if (!IPV6_REGIONS.includes(region)) {
    lines.push(
      `network is ipv6, but region is ${region}, where DynamoDB is not known to speak IPv6 (docs/COSTS-NETWORK.md): allowed is ipv6 in ${IPV6_REGIONS.join(', ')}; set network (${settingVariable('network')}) to public, or to nat`,
    );
  }
  for (const [name, image] of Object.entries({ imageUri, liveImage, recogniseImage })) {
    if (image?.includes(IPV4_REGISTRY) !== true) continue;
    lines.push(
      `network is ipv6, but ${name} is ${image}, which IPv4 alone reaches: allowed is ECR’s other name for it, ${image.replace(/\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/, '.dkr-ecr.$1.on.aws')}`,
    );
  }
  return lines;
}

/** Subnets behind `public` and behind `nat` are the same ones, so that calls survive a change between these. */
function ofKeptNetwork({ network, keepNetwork }: Config): string[] {
  if (keepNetwork === undefined) return [];
  if (network !== 'existing' && (network === 'ipv6') !== (keepNetwork === 'ipv6')) return [];
  return [
    `keepNetwork is ${keepNetwork}, but network is ${network}: allowed is keepNetwork=ipv6 with network=public or nat, and keepNetwork=public or nat with network=ipv6`,
  ];
}

function isCidr(cidr: string): boolean {
  const [address = '', bits = ''] = cidr.split('/');
  const octets = address.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return false;
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return value % 2 ** (32 - Number(bits)) === 0;
}

function ofTimes(config: Config): string[] {
  const lines: string[] = [];
  lines.push(...ofTape(config));
  if (config.recordingDays > 0 && config.recordingDays < config.tapeDays) {
    lines.push(
      `recordingDays is ${String(config.recordingDays)}, but tapeDays is ${String(config.tapeDays)}: allowed is recordingDays 0, or tapeDays or more, since the tape holds the same audio, and resuming a recording makes it anew`,
    );
  }
  if (config.manageMediaStreams && config.idleTimeoutSeconds > config.mediaRetentionHours * SECONDS_AN_HOUR) {
    lines.push(
      `idleTimeoutSeconds is ${String(config.idleTimeoutSeconds)}, but mediaRetentionHours is ${String(config.mediaRetentionHours)}: allowed is at most ${String(config.mediaRetentionHours * SECONDS_AN_HOUR)}, since the streams keep nothing for longer that could still be read`,
    );
  }
  if (config.idleTimeoutSeconds > config.longestCallSeconds) {
    lines.push(
      `idleTimeoutSeconds is ${String(config.idleTimeoutSeconds)}, but longestCallSeconds is ${String(config.longestCallSeconds)}: allowed is at most that`,
    );
  }
  if (config.graceSeconds >= config.idleTimeoutSeconds) {
    lines.push(
      `graceSeconds is ${String(config.graceSeconds)}, but idleTimeoutSeconds is ${String(config.idleTimeoutSeconds)}: allowed is less than that`,
    );
  }
  return lines;
}

/** It is what a recording is assembled from, again and again: from the call's first object to the last resumption. */
function ofTape({ tapeDays, mediaRetentionHours, longestCallSeconds }: Config): string[] {
  const hours = tapeDays * HOURS_A_DAY;
  if (hours <= mediaRetentionHours) {
    return [
      `tapeDays is ${String(tapeDays)}, but mediaRetentionHours is ${String(mediaRetentionHours)}: the tape must be kept for longer than the streams keep audio`,
    ];
  }
  const needed = longestCallSeconds / SECONDS_AN_HOUR + mediaRetentionHours + ASSEMBLY_HOURS;
  if (hours >= needed) return [];
  return [
    `tapeDays is ${String(tapeDays)}, but longestCallSeconds is ${String(longestCallSeconds)} and mediaRetentionHours is ${String(mediaRetentionHours)}: allowed is ${String(Math.ceil(needed / HOURS_A_DAY))} or more, so that the tape outlasts the longest call, what can still be fetched for it, and ${String(ASSEMBLY_HOURS)} hours of assembling`,
  ];
}

function ofMediaStreams(config: Config, isSet: (name: SettingName) => boolean): string[] {
  if (!config.manageMediaStreams) return [];
  return isSet('mediaKeyArn') && config.mediaKeyArn !== undefined
    ? [
        'mediaKeyArn is set, but manageMediaStreams is true: the streams then have the key of kmsKeyArn, or the one that is made',
      ]
    : [];
}

function ofImageAndState(config: Config, isSet: (name: SettingName) => boolean): string[] {
  const lines: string[] = [];
  for (const name of ['imageBuilder', 'nodeImage'] as const) {
    if (config.imageUri !== undefined && isSet(name)) {
      lines.push(
        `${name} is set, but so is imageUri: allowed is one or the other, since with imageUri nothing is built`,
      );
    }
  }
  if (config.stateRegion !== undefined && config.stateBucket === undefined) {
    lines.push('stateRegion is set, but stateBucket is not: allowed is both, or none');
  }
  return lines;
}
