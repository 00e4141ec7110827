import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { resource, resources, synthesise, type Synthesised } from '../synthesise.ts';

function deployed(settings: Record<string, unknown>): Synthesised {
  const stack = synthesise(settings);
  stack.dispose();
  return stack;
}

/** Tells where the workflow puts its tasks. */
function placement(stack: Synthesised) {
  const AWSVPC = v.object({
    Subnets: v.array(v.string()),
    SecurityGroups: v.array(v.string()),
    AssignPublicIp: v.string(),
  });
  const STATE = v.object({
    Parameters: v.object({ NetworkConfiguration: v.object({ AwsvpcConfiguration: AWSVPC }) }),
  });
  const MACHINE = v.pipe(
    v.string(),
    v.parseJson(),
    v.object({ States: v.object({ RecordOnDemand: STATE }) }),
  );
  const machine = v.parse(MACHINE, resource(stack, 'aws_sfn_state_machine').definition);
  return machine.States.RecordOnDemand.Parameters.NetworkConfiguration.AwsvpcConfiguration;
}

/** [first address, number of addresses] of `${cidrsubnet("a.b.c.d/n", bits, block)}`. */
function blockOf(subnet: Record<string, unknown>): [number, number] {
  const [, address = '', length = '', bits = '', block = ''] =
    /^\$\{cidrsubnet\("([\d.]+)\/(\d+)", (\d+), (\d+)\)\}$/.exec(String(subnet.cidr_block)) ?? [];
  const base = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(length) - Number(bits));
  return [base + Number(block) * size, size];
}

function overlap(stack: Synthesised): boolean {
  const blocks = resources(stack, 'aws_subnet')
    .map(blockOf)
    .toSorted(([a], [b]) => a - b);
  return blocks.some(([start], index) => {
    const [before, size] = blocks[index - 1] ?? [0, 0];
    return index > 0 && start < before + size;
  });
}

const ENDPOINT = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    Statement: v.array(v.object({ Sid: v.string(), Principal: v.literal('*'), Action: v.array(v.string()) })),
  }),
);

describe('the public network', () => {
  const stack = deployed({ vpcCidr: '10.20.0.0/20', zones: 3 });

  it('gives each task an address of its own, and needs no NAT', () => {
    expect(placement(stack)).toEqual({
      Subnets: ['${aws_subnet.tasks_0.id}', '${aws_subnet.tasks_1.id}', '${aws_subnet.tasks_2.id}'],
      SecurityGroups: ['${aws_security_group.tasks_security_group.id}'],
      AssignPublicIp: 'ENABLED',
    });
    expect(stack.resource.aws_nat_gateway).toBeUndefined();
    expect(resource(stack, 'aws_route')).toMatchObject({
      gateway_id: '${aws_internet_gateway.vpc_gateway.id}',
    });
    for (const subnet of resources(stack, 'aws_subnet')) expect(subnet.map_public_ip_on_launch).toBe(false);
  });

  it('gives each zone a quarter, in another zone', () => {
    expect(overlap(stack)).toBe(false);
    expect(
      resources(stack, 'aws_subnet')
        .map(blockOf)
        .map(([, size]) => size),
    ).toEqual([1024, 1024, 1024]);
    const zones = resources(stack, 'aws_subnet').map((subnet) => subnet.availability_zone);
    expect(new Set(zones).size).toBe(3);
  });

  it('reaches S3 and DynamoDB for nothing, and for what tasks do alone', () => {
    const endpoints = Object.entries(stack.resource.aws_vpc_endpoint ?? {});

    expect(endpoints.map(([id]) => id)).toEqual(['dynamodb_endpoint', 's3_endpoint']);
    for (const [id, endpoint] of endpoints) {
      const service = id.replace('_endpoint', '');
      expect(endpoint).toMatchObject({
        vpc_endpoint_type: 'Gateway',
        service_name: `com.amazonaws.us-east-1.${service}`,
        route_table_ids: ['${aws_route_table.public_routes.id}'],
      });
      const { Statement } = v.parse(ENDPOINT, endpoint.policy);
      expect(Statement.map(({ Sid }) => Sid)).toEqual(
        service === 's3' ? ['ListTape', 'WriteTape', 'ImageLayers'] : ['Checkpoints', 'Calls'],
      );
    }
  });

  it('leaves the VPC’s default security group without rules', () => {
    const group = resource(stack, 'aws_default_security_group');

    expect([group.ingress, group.egress]).toEqual([undefined, undefined]);
  });
});

describe('the network behind NAT', () => {
  const stack = deployed({ network: 'nat', zones: 2, vpcCidr: '10.20.0.0/22' });

  it('has a gateway and a way out in each zone', () => {
    expect(placement(stack)).toMatchObject({ AssignPublicIp: 'DISABLED' });
    expect(resources(stack, 'aws_nat_gateway').map(({ subnet_id }) => subnet_id)).toEqual([
      '${aws_subnet.gateway_0.id}',
      '${aws_subnet.gateway_1.id}',
    ]);
    expect(resource(stack, 'aws_route', 'tasks_1_route')).toMatchObject({
      nat_gateway_id: '${aws_nat_gateway.nat_1.id}',
      route_table_id: '${aws_route_table.tasks_1_route_table.id}',
    });
    expect(resource(stack, 'aws_vpc_endpoint', 's3_endpoint').route_table_ids).toHaveLength(2);
  });

  it.each(['10.0.0.0/16', '10.0.0.0/24'])('has room for both in %s', (vpcCidr) => {
    const sized = deployed({ network: 'nat', zones: 3, vpcCidr });
    const sizes = resources(sized, 'aws_subnet')
      .map(blockOf)
      .map(([, size]) => size);

    expect(overlap(sized)).toBe(false);
    expect(sizes).toHaveLength(6);
    // The smallest subnet that AWS allows.
    expect(Math.min(...sizes)).toBe(16);
  });
});

describe('the network without IPv4', () => {
  const stack = deployed({ network: 'ipv6', zones: 2 });

  it('has nothing with a price, nothing that lets anybody in, and no IPv4', () => {
    expect(placement(stack)).toEqual({
      Subnets: ['${aws_subnet.tasks_ipv6_0.id}', '${aws_subnet.tasks_ipv6_1.id}'],
      SecurityGroups: ['${aws_security_group.tasks_security_group.id}'],
      AssignPublicIp: 'DISABLED',
    });
    for (const type of ['aws_internet_gateway', 'aws_nat_gateway', 'aws_eip', 'aws_vpc_endpoint'])
      expect(stack.resource[type]).toBeUndefined();
    expect(resource(stack, 'aws_vpc').assign_generated_ipv6_cidr_block).toBe(true);
    for (const [index, subnet] of resources(stack, 'aws_subnet').entries()) {
      expect(subnet).toMatchObject({
        ipv6_native: true,
        assign_ipv6_address_on_creation: true,
        ipv6_cidr_block: `\${cidrsubnet(aws_vpc.vpc.ipv6_cidr_block, 8, ${String(index)})}`,
      });
      expect(subnet.cidr_block).toBeUndefined();
    }
  });

  it('has one way, out, by HTTPS', () => {
    expect(resource(stack, 'aws_route')).toMatchObject({
      destination_ipv6_cidr_block: '::/0',
      egress_only_gateway_id: '${aws_egress_only_internet_gateway.ipv6_gateway.id}',
    });
    expect(resources(stack, 'aws_vpc_security_group_egress_rule')).toMatchObject([
      { cidr_ipv6: '::/0', from_port: 443, to_port: 443, ip_protocol: 'tcp' },
    ]);
    expect(stack.resource.aws_vpc_security_group_ingress_rule).toBeUndefined();
  });

  it('pulls the image by the name that has IPv6, and asks for such names of all services', () => {
    const definitions = String(resource(stack, 'aws_ecs_task_definition').container_definitions);
    const [container] = v.parse(CONTAINERS, definitions);

    expect(container?.image).toMatch(
      /^\$\{data\.aws_caller_identity\.caller\.account_id\}\.dkr-ecr\.us-east-1\.on\.aws\//,
    );
    expect(container?.environment).toEqual(
      expect.arrayContaining([
        { name: 'AWS_USE_DUALSTACK_ENDPOINT', value: 'true' },
        {
          name: 'CALLSPOOL_ASKS_CONNECT',
          value:
            'arn:aws:lambda:us-east-1:${data.aws_caller_identity.caller.account_id}:function:callspool-ask-connect',
        },
      ]),
    );
  });
});

const CONTAINERS = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(
    v.object({
      image: v.string(),
      environment: v.array(v.object({ name: v.string(), value: v.string() })),
    }),
  ),
);

describe('a network that is left', () => {
  it.each([
    [{ network: 'ipv6', keepNetwork: 'public' }, 'public'],
    [{ network: 'ipv6', keepNetwork: 'nat' }, 'nat'],
    [{ network: 'public', keepNetwork: 'ipv6' }, 'ipv6'],
  ] as const)('stays as it was under %j, for the calls that are recorded in it', (settings, before) => {
    const left = deployed({ network: before });
    const both = deployed(settings);

    for (const type of ['aws_subnet', 'aws_route', 'aws_route_table', 'aws_route_table_association'])
      expect(both.resource[type]).toMatchObject(left.resource[type] ?? {});
    expect(both.resource).toMatchObject({
      aws_vpc_security_group_egress_rule: left.resource.aws_vpc_security_group_egress_rule ?? {},
      aws_vpc_endpoint: left.resource.aws_vpc_endpoint ?? {},
      aws_lambda_function: Object.fromEntries(
        Object.keys(left.resource.aws_lambda_function ?? {}).map((id) => [id, {}]),
      ),
    });
    const { Subnets } = placement(both);
    expect(Subnets).toEqual(placement(deployed({ network: settings.network })).Subnets);
  });
});

describe('an existing network', () => {
  const stack = deployed({
    network: 'existing',
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: ['subnet-0123456789abcdef0'],
  });

  it('is used as it is; only the security group is made', () => {
    expect(placement(stack)).toEqual({
      Subnets: ['subnet-0123456789abcdef0'],
      SecurityGroups: ['${aws_security_group.tasks_security_group.id}'],
      AssignPublicIp: 'DISABLED',
    });
    expect(resource(stack, 'aws_security_group').vpc_id).toBe('vpc-0123456789abcdef0');
    for (const type of ['aws_vpc', 'aws_subnet', 'aws_vpc_endpoint', 'aws_route']) {
      expect(stack.resource[type]).toBeUndefined();
    }
  });
});
