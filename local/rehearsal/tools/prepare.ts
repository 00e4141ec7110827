/** What an account has before the first deploy, for settings that name something: a key, a bus, a network, a bucket. */
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, REGION } from '../../standins/environment.ts';

export interface Prepared {
  readonly keyArn: string;
  readonly eventBus: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** A bucket with versions, for copies of recordings. */
  readonly replicaArn: string;
}

const EVENT_BUS = 'rehearsal';
const REPLICA = 'rehearsal-copies';

/** @param url of moto: nothing of this is the deployer's doing. */
export async function prepareAccount(url: string): Promise<Prepared> {
  const kms = new KMSClient(clientConfig(url));
  const events = new EventBridgeClient(clientConfig(url));
  const ec2 = new EC2Client(clientConfig(url));
  const s3 = new S3Client({ ...clientConfig(url), forcePathStyle: true });
  try {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await events.send(new CreateEventBusCommand({ Name: EVENT_BUS }));
    const { vpcId, subnetIds } = await makeNetwork(ec2);
    await s3.send(new CreateBucketCommand({ Bucket: REPLICA }));
    const versions = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: REPLICA, VersioningConfiguration: versions }));
    const replicaArn = `arn:aws:s3:::${REPLICA}`;
    return { replicaArn, keyArn: given(KeyMetadata?.Arn), eventBus: EVENT_BUS, vpcId, subnetIds };
  } finally {
    for (const client of [kms, events, ec2, s3]) client.destroy();
  }
}

/** A network as somebody has one: subnets in two zones, with a way out by the VPC's main route table. */
async function makeNetwork(ec2: EC2Client): Promise<Pick<Prepared, 'vpcId' | 'subnetIds'>> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
  const VpcId = given(Vpc?.VpcId);
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = given(InternetGateway?.InternetGatewayId);
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const ofVpc = [{ Name: 'vpc-id', Values: [VpcId] }];
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters: ofVpc }));
  const RouteTableId = given(RouteTables?.[0]?.RouteTableId);
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  const subnetIds: string[] = [];
  for (const [index, zone] of ['a', 'b'].entries()) {
    const CidrBlock = `10.1.${index}.0/24`;
    const AvailabilityZone = `${REGION}${zone}`;
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
    subnetIds.push(given(Subnet?.SubnetId));
  }
  return { vpcId: VpcId, subnetIds };
}

function given(value: string | undefined): string {
  if (value === undefined) throw new Error('moto made nothing');
  return value;
}
