import { describe, expect, it } from 'vitest';
import { PREFIX_LENGTH_MAX } from '../../stacks/config/settings.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { INSTANCE_ARN, resources, synthesise, type Synthesised } from './synthesise.ts';

const ACCOUNT = '123456789012';
/** The longest names of a region there are. */
const LONGEST_REGION = 'ap-southeast-1';

/** What each service takes: characters, and which. */
const LIMITS: Readonly<Record<string, readonly [attribute: string, length: number, pattern: RegExp]>> = {
  aws_s3_bucket: ['bucket', 63, /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/],
  aws_dynamodb_table: ['name', 255, /^[A-Za-z0-9_.-]{3,}$/],
  aws_kms_alias: ['name', 256, /^alias\/[A-Za-z0-9/_-]+$/],
  aws_ecs_cluster: ['name', 255, /^[A-Za-z0-9_-]+$/],
  aws_ecs_task_definition: ['family', 255, /^[A-Za-z0-9_-]+$/],
  aws_ecr_repository: ['name', 256, /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/],
  aws_cloudwatch_log_group: ['name', 512, /^[A-Za-z0-9_/.#-]+$/],
  aws_lambda_function: ['function_name', 64, /^[A-Za-z0-9_-]+$/],
  aws_iam_role: ['name', 64, /^[\w+=,.@-]+$/],
  aws_iam_role_policy: ['name', 128, /^[\w+=,.@-]+$/],
  aws_iam_policy: ['name', 128, /^[\w+=,.@-]+$/],
  aws_sfn_state_machine: ['name', 80, /^[A-Za-z0-9_-]+$/],
  aws_sqs_queue: ['name', 80, /^[A-Za-z0-9_-]+$/],
  aws_sns_topic: ['name', 256, /^[A-Za-z0-9_-]+$/],
  aws_cloudwatch_event_rule: ['name', 64, /^[A-Za-z0-9._-]+$/],
  aws_cloudwatch_metric_alarm: ['alarm_name', 255, /^[^<>]+$/],
  aws_cloudwatch_dashboard: ['dashboard_name', 255, /^[A-Za-z0-9_-]+$/],
  aws_connect_contact_flow: ['name', 127, /\S/],
  aws_connect_contact_flow_module: ['name', 127, /\S/],
  aws_security_group: ['name', 255, /^[A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]+$/],
};

function namesIn(stack: Synthesised): { type: string; name: string }[] {
  return Object.entries(LIMITS).flatMap(([type, [attribute]]) =>
    resources(stack, type).map((block) => ({
      type,
      name: String(block[attribute]).replace('${data.aws_caller_identity.caller.account_id}', ACCOUNT),
    })),
  );
}

function deployed(settings: Record<string, unknown>): Synthesised {
  const stack = synthesise(settings);
  stack.dispose();
  return stack;
}

describe('names', () => {
  const prefix = DEPLOYMENTS['with the longest names'].prefix;
  const stack = deployed({
    prefix,
    instanceArn: INSTANCE_ARN.replace('eu-west-2', LONGEST_REGION),
    region: LONGEST_REGION,
    accessLogs: true,
    flowLogs: true,
    replicateTo: 'arn:aws:s3:::their-copies',
    replicateKeyArn: 'arn:aws:kms:eu-west-1:210987654321:key/66666666-7777-8888-9999-000000000000',
  });
  const names = namesIn(stack);

  it('are within AWS’s limits with the longest prefix and region', () => {
    expect(prefix).toHaveLength(PREFIX_LENGTH_MAX);
    expect(names.length).toBeGreaterThan(40);
    for (const { type, name } of names) {
      const [, length, pattern] = LIMITS[type] ?? ['', 0, /x/];
      expect(name, type).not.toContain('${');
      expect(name.length, `${type} ${name}`).toBeLessThanOrEqual(length);
      expect(name, type).toMatch(pattern);
    }
  });

  it('are looked at wherever there are some', () => {
    const named = /name$|^family$|^bucket$/;
    const missed = Object.entries(stack.resource)
      .filter(([type]) => !(type in LIMITS))
      .filter(([, blocks]) =>
        Object.values(blocks).some((block) =>
          Object.entries(block).some(
            ([key, value]) => named.test(key) && typeof value === 'string' && value.includes(prefix),
          ),
        ),
      )
      .map(([type]) => type);

    // It names its service, by the region; not a thing of ours.
    expect(missed).toEqual([]);
  });

  it('leave the ARN of the function short enough for Connect', () => {
    const arn = `arn:aws:lambda:${LONGEST_REGION}:${ACCOUNT}:function:${prefix}-connect`;

    // AssociateLambdaFunction takes 140 characters.
    expect(arn.length).toBeLessThanOrEqual(140);
  });
});

describe('deployments side by side', () => {
  const ours = deployed({ prefix: 'sales', region: 'eu-west-2' });

  it('in one region share no name', () => {
    const theirs = new Set(
      namesIn(deployed({ prefix: 'support', region: 'eu-west-2' })).map(({ name }) => name),
    );

    expect(namesIn(ours).filter(({ name }) => theirs.has(name))).toEqual([]);
  });

  it('in two regions share no name that an account has once', () => {
    const global = ['aws_s3_bucket', 'aws_iam_role', 'aws_iam_policy', 'aws_cloudwatch_dashboard'];
    const theirs = new Set(
      namesIn(deployed({ prefix: 'sales', region: 'eu-west-1' })).map(({ name }) => name),
    );
    const shared = namesIn(ours).filter(({ type, name }) => global.includes(type) && theirs.has(name));

    expect(shared).toEqual([]);
  });

  it('of which one’s name begins with the other’s reach no stream of the other', () => {
    const streams = (stack: Synthesised) =>
      /stream\/([^"]*)\*\/\*/.exec(JSON.stringify(stack.resource.aws_iam_role_policy))?.[1] ?? '';
    const longer = streams(deployed({ prefix: 'sales-emea' }));

    expect(streams(ours)).toBe('sales-connect-');
    expect(longer.startsWith(streams(ours))).toBe(false);
  });
});
