import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { ALL_FUNCTIONS, namesOf } from '../../contract/names.ts';
import { alarmsOf } from '../../stacks/monitoring/alarms.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { INSTANCE_ARN, resource, resources, ROOT, synthesise } from './synthesise.ts';

const Containers = v.pipe(v.string(), v.parseJson(), v.array(v.record(v.string(), v.unknown())));

describe('a deployment', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  const shorter = synthesise({ instanceArn: INSTANCE_ARN, mediaStreamPrefix: 'call' });
  afterAll(() => {
    stack.dispose();
    shorter.dispose();
  });

  it('makes Connect’s setting anew whenever the streams’ prefix changes', () => {
    for (const [of, prefix] of [
      [stack, 'callspool'],
      [shorter, 'call'],
    ] as const) {
      const storage = resource(of, 'aws_connect_instance_storage_config');
      expect(storage.lifecycle).toEqual({ replace_triggered_by: ['terraform_data.media_stream_prefix'] });
      expect(resource(of, 'terraform_data', 'media_stream_prefix').triggers_replace).toEqual({ prefix });
    }
  });

  it('puts no subnet where there is no Fargate', () => {
    expect(stack.data.aws_availability_zones?.zones).toMatchObject({
      exclude_zone_ids: ['apne1-az3', 'usw1-az2'],
    });
  });

  it('asks for capacity providers once ECS’s service-linked role may be there', () => {
    const wait = resource(stack, 'terraform_data', 'cluster_role_wait');

    expect(resource(stack, 'aws_ecs_cluster_capacity_providers').depends_on).toEqual([
      'terraform_data.cluster_role_wait',
    ]);
    expect(wait.triggers_replace).toEqual({ cluster: '${aws_ecs_cluster.cluster.arn}' });
    expect(JSON.stringify(wait.provisioner)).toContain('sleep 20');
  });

  it('gives its permissions other names than those that are given by hand', () => {
    const byHand = synthesise();
    const told = JSON.stringify(byHand.output.next_steps);
    byHand.dispose();
    const [, id] = /--statement-id ([a-z-]+)/.exec(told) ?? [];

    expect(id).toBeDefined();
    for (const { statement_id } of resources(stack, 'aws_lambda_permission'))
      expect(statement_id).not.toBe(id);
  });
});

describe.each(Object.entries(DEPLOYMENTS))('a deployment %s', (_, settings) => {
  const stack = synthesise(settings);
  afterAll(stack.dispose);

  it('comes to rest: it writes each container as ECS gives it back', () => {
    const definitions = resources(stack, 'aws_ecs_task_definition');
    const containers = definitions.flatMap((one) => v.parse(Containers, one.container_definitions));

    if (!('dataOnly' in settings)) expect(containers.length).toBeGreaterThan(0);
    for (const container of containers) {
      // API_ContainerDefinition, API_KernelCapabilities: what DescribeTaskDefinition fills in.
      expect(container).toMatchObject({
        cpu: expect.any(Number) as number,
        environment: expect.any(Array) as unknown[],
        essential: expect.any(Boolean) as boolean,
        mountPoints: expect.any(Array) as unknown[],
        portMappings: [],
        systemControls: [],
        volumesFrom: [],
        linuxParameters: { capabilities: { add: [], drop: ['ALL'] } },
      });
    }
  });
});

describe('docs/DEPLOYING.md', () => {
  const text = readFileSync(join(ROOT, 'docs/DEPLOYING.md'), 'utf8');
  const stack = synthesise();
  afterAll(stack.dispose);

  it('names what pushes an image again that was deleted, which no plan misses', () => {
    const [, kind = '', id = ''] = /-replace=(\w+)\.(\w+)`/.exec(text) ?? [];
    expect(JSON.stringify(resource(stack, kind, id).provisioner)).toContain('push-image.sh');
  });

  it('says what to do where other functions have reserved too much, which no plan knows', () => {
    const [line = ''] = /^- `Specified ReservedConcurrentExecutions.*$/m.exec(text) ?? [];
    for (const variable of ['CALLSPOOL_CONNECT_CONCURRENCY', 'CALLSPOOL_CONTACT_EVENT_CONCURRENCY'])
      expect(line).toContain(variable);
  });

  it('names the rights that services ask for in the deployer’s name', () => {
    const [, rights = ''] = /## Rights of whoever deploys\n([\s\S]*?)\n## /.exec(text) ?? [];

    for (const right of [
      'servicequotas:GetAWSDefaultServiceQuota',
      'DescribeQueue',
      'TagResource',
      'instance/<id>/queue/*',
      'iam:CreateServiceLinkedRole',
    ])
      expect(rights).toContain(right);
  });
});

const Definition = v.pipe(v.string(), v.parseJson(), v.object({ TimeoutSeconds: v.optional(v.number()) }));

describe('the alarms', () => {
  const deployed = synthesise();
  afterAll(deployed.dispose);
  const alarms = alarmsOf({
    prefix: 'callspool',
    names: namesOf({ prefix: 'callspool', region: 'eu-west-2' }),
    stateMachineArn: 'arn',
    longestCallSeconds: 3_600,
    wired: true,
    listenedTo: true,
    apartSeconds: 30,
    words: { told: true },
    functions: ALL_FUNCTIONS,
  });
  const alarm = (what: string) => alarms.find((one) => one.what === what);

  it('bear a burst of contact events, which Lambda tries again, and no throttled start', () => {
    for (const name of ['contact-event', 'resume'])
      expect(alarm(`${name} throttled`)).toMatchObject({ periodSeconds: 300, periods: 3 });
    expect(alarm('connect throttled')).toMatchObject({ periodSeconds: 60, above: 0 });
    expect(alarm('connect throttled')?.periods ?? 1).toBe(1);
  });

  it('watch for no time limit that the workflow hasn’t', () => {
    const { definition } = resource(deployed, 'aws_sfn_state_machine');
    const hasLimit = v.parse(Definition, definition).TimeoutSeconds !== undefined;

    // A state's own limit is caught; only one of the whole execution ends it as timed out.
    expect(alarms.some(({ metric }) => JSON.stringify(metric).includes('ExecutionsTimedOut'))).toBe(hasLimit);
  });
});
