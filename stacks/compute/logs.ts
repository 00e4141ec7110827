import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import type { Construct } from 'constructs';
import type { Config } from '../config/config.ts';

/** Made by the stack, so that it has a retention and a key from its first line on. */
export function logGroup(
  scope: Construct,
  id: string,
  name: string,
  config: Config,
  keyArn: string,
): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, `${id}_log`, {
    name,
    retentionInDays: config.logDays,
    kmsKeyId: keyArn,
  });
}
