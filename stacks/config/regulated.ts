/** What contradicts itself among the settings that regulated users need: access logs, copies, flow logs. */
import type { Config } from './config.ts';
import { type SettingName, settingVariable } from './settings.ts';

/** @param isSet whether a setting was given at all. @returns one line a contradiction. */
export function ofRegulated(config: Config, isSet: (name: SettingName) => boolean): string[] {
  return [...ofAccessLogs(config, isSet), ...ofReplication(config), ...ofFlowLogs(config)];
}

function ofAccessLogs({ accessLogs }: Config, isSet: (name: SettingName) => boolean): string[] {
  return isSet('accessLogDays') && !accessLogs
    ? ['accessLogDays is set, but accessLogs is false: allowed is accessLogDays with accessLogs=true alone']
    : [];
}

/** The key tells what the bucket’s ARN doesn’t: where the copies are, and whose. */
function ofReplication({ replicateTo, replicateKeyArn }: Config): string[] {
  if (replicateTo !== undefined && replicateKeyArn === undefined) {
    return [
      `replicateTo is set, so that replicateKeyArn (${settingVariable('replicateKeyArn')}) must name the key of the copies: nobody’s voice is kept without one`,
    ];
  }
  return replicateTo === undefined && replicateKeyArn !== undefined
    ? ['replicateKeyArn is set, but replicateTo is not: allowed is both, or none']
    : [];
}

function ofFlowLogs({ flowLogs, network }: Config): string[] {
  return flowLogs && network === 'existing'
    ? [
        'flowLogs is true, but network is existing: allowed is flowLogs with a VPC of the deployment’s own, since the flow logs of yours are for you to keep',
      ]
    : [];
}
