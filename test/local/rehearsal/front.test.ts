import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import * as connect from '@aws-sdk/client-connect';
import { ConnectClient } from '@aws-sdk/client-connect';
import { DeleteVpcEndpointsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../../../local/rehearsal/endpoint/front.ts';
import { INSTANCE_ARN } from '../../../local/standins/connect-events.ts';
import { clientConfig } from '../../../local/standins/environment.ts';
import { endpointOf } from '../../../local/standins/standin.ts';

const NOWHERE = 'http://127.0.0.1:9';
const InstanceId = INSTANCE_ARN.slice(INSTANCE_ARN.lastIndexOf('/') + 1);

/** In moto's place: it writes down what it is asked, and gives what it is told. */
interface Told {
  readonly bodies: string[];
  answer: { readonly type: string; readonly body: string };
}

describe('the endpoint of a rehearsal', () => {
  const told: Told = { bodies: [], answer: { type: 'application/json', body: '{}' } };
  let moto: Server;
  let front: Front;
  let who: ReturnType<typeof clientConfig>;

  beforeAll(async () => {
    moto = createServer((request, response) => {
      void text(request).then((body) => {
        told.bodies.push(body);
        response.setHeader('content-type', told.answer.type).end(told.answer.body);
      });
    }).listen(0, '127.0.0.1');
    await once(moto, 'listening');
    const behind = { connect: NOWHERE, kinesisVideo: NOWHERE, eventBridge: NOWHERE };
    front = await startFront(endpointOf(moto), INSTANCE_ARN, behind);
    who = { ...clientConfig(front.url), credentials: { accessKeyId: 'someone', secretAccessKey: 's' } };
  });
  afterAll(async () => {
    await front.close();
    moto.close();
  });

  it('gives a description back as IAM keeps it', async () => {
    const iam = new IAMClient(who);
    told.answer = {
      type: 'text/xml',
      body: '<CreatePolicyResponse><CreatePolicyResult/></CreatePolicyResponse>',
    };

    await iam.send(
      new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: '{}', Description: 'a caller’s' }),
    );

    expect(new URLSearchParams(told.bodies.at(-1)).get('Description')).toBe('a caller?s');
  });

  it('fills a container up as ECS does', async () => {
    const containerDefinitions = [
      { name: 'recorder', cpu: 256, linuxParameters: { capabilities: { drop: ['ALL'] } } },
    ];
    told.answer = {
      type: 'application/x-amz-json-1.1',
      body: JSON.stringify({ taskDefinition: { containerDefinitions } }),
    };

    const { taskDefinition } = await new ECSClient(who).send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'callspool-task' }),
    );

    expect(taskDefinition?.containerDefinitions).toEqual([
      {
        name: 'recorder',
        cpu: 256,
        environment: [],
        mountPoints: [],
        portMappings: [],
        systemControls: [],
        volumesFrom: [],
        linuxParameters: { capabilities: { add: [], drop: ['ALL'] } },
      },
    ]);
  });

  it('takes an endpoint’s route tables from it before it goes', async () => {
    const described =
      '<DescribeVpcEndpointsResponse><routeTableId>rtb-1a2b</routeTableId></DescribeVpcEndpointsResponse>';
    told.answer = { type: 'text/xml', body: described };

    await new EC2Client(who).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: ['vpce-1'] }));

    const asked = told.bodies.slice(-3).map((body) => Object.fromEntries(new URLSearchParams(body)));
    expect(asked).toMatchObject([
      { Action: 'DescribeVpcEndpoints', 'VpcEndpointId.1': 'vpce-1' },
      { Action: 'ModifyVpcEndpoint', VpcEndpointId: 'vpce-1', 'RemoveRouteTableId.1': 'rtb-1a2b' },
      { Action: 'DeleteVpcEndpoints', 'VpcEndpointId.1': 'vpce-1' },
    ]);
  });

  it('keeps a bucket’s policy to itself', async () => {
    const s3 = new S3Client(who);
    const before = told.bodies.length;

    await expect(s3.send(new GetBucketPolicyCommand({ Bucket: 'calls' }))).rejects.toThrow('policy');
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'calls', Policy: '{"Statement":[]}' }));
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: 'calls' }));

    expect(Policy).toBe('{"Statement":[]}');
    expect(told.bodies).toHaveLength(before);
  });

  it('tells a quota', async () => {
    const { Quota } = await new ServiceQuotasClient(who).send(
      new GetServiceQuotaCommand({ ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' }),
    );
    expect(Quota?.Value).toBe(1000);
  });

  it('has an instance that can be wired, and notes who asked for what', async () => {
    const client = new ConnectClient(who);
    const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:callspool-connect';
    const StorageConfig = {
      StorageType: 'KINESIS_VIDEO_STREAM' as const,
      KinesisVideoStreamConfig: {
        Prefix: 'callspool',
        RetentionPeriodHours: 24,
        EncryptionConfig: { EncryptionType: 'KMS' as const, KeyId: 'key' },
      },
    };
    const ResourceType = 'MEDIA_STREAMS' as const;
    const associate = new connect.AssociateInstanceStorageConfigCommand({
      InstanceId,
      ResourceType,
      StorageConfig,
    });

    const { AssociationId } = await client.send(associate);
    const described = await client.send(
      new connect.DescribeInstanceStorageConfigCommand({ InstanceId, AssociationId, ResourceType }),
    );
    expect(described.StorageConfig?.KinesisVideoStreamConfig?.Prefix).toBe(
      'callspool-connect-rehearsal-contact-',
    );
    await expect(client.send(associate)).rejects.toThrow('already');

    const Content = JSON.stringify({ LambdaFunctionARN: functionArn });
    const create = new connect.CreateContactFlowCommand({
      InstanceId,
      Name: 'f',
      Type: 'CONTACT_FLOW',
      Content,
    });
    await expect(client.send(create)).rejects.toThrow("doesn't know");
    await client.send(new connect.AssociateLambdaFunctionCommand({ InstanceId, FunctionArn: functionArn }));
    const { ContactFlowId } = await client.send(create);
    await client.send(new connect.DeleteContactFlowCommand({ InstanceId, ContactFlowId }));

    expect(front.connect.leftovers()).toHaveLength(2);
    await client.send(
      new connect.DisassociateLambdaFunctionCommand({ InstanceId, FunctionArn: functionArn }),
    );
    await client.send(
      new connect.DisassociateInstanceStorageConfigCommand({ InstanceId, AssociationId, ResourceType }),
    );
    expect(front.connect.leftovers()).toEqual([]);
    expect(front.record.actionsOf('someone')).toEqual(
      expect.arrayContaining(['connect:CreateContactFlow', 's3:PutBucketPolicy', 'iam:CreatePolicy']),
    );
    expect(front.record.everybody()).toEqual(['someone']);
  });
});
