/** When the deployment looks for what an outage has broken off. */
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import type { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';

const RESUME_MINUTES = 15;
const SECONDS_A_MINUTE = 60;

/** A run that fails isn't tried again, and its event is no dead letter: the next one does the same. */
export function resumeSchedule(scope: Construct, config: Config, names: Names, resume: LambdaFunction): void {
  const rule = new CloudwatchEventRule(scope, 'resume_schedule', {
    name: names.resumeRule,
    description: 'Resumes recordings that an outage has broken off',
    scheduleExpression: `rate(${String(RESUME_MINUTES)} minutes)`,
    state: config.resumeByItself ? 'ENABLED' : 'DISABLED',
  });
  const permission = new LambdaPermission(scope, 'resume_permission', {
    statementId: 'resume-schedule',
    action: 'lambda:InvokeFunction',
    functionName: resume.functionName,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  });
  const ageSeconds = RESUME_MINUTES * SECONDS_A_MINUTE;
  new CloudwatchEventTarget(scope, 'resume_target', {
    rule: rule.name,
    targetId: 'resume',
    arn: resume.arn,
    retryPolicy: { maximumEventAgeInSeconds: ageSeconds, maximumRetryAttempts: 3 },
    dependsOn: [permission],
  });
  new LambdaFunctionEventInvokeConfig(scope, 'resume_invocations', {
    functionName: resume.functionName,
    maximumEventAgeInSeconds: ageSeconds,
    maximumRetryAttempts: 0,
  });
}
