/** AWS's services, each loaded when it is first asked something. */
import { CONTROL_CLIENT } from '../../../ports/runtime/aws-client-config.ts';

export interface AwsPlace {
  readonly region?: string;
  readonly profile?: string;
}

export class Clients {
  readonly #config: typeof CONTROL_CLIENT & AwsPlace;
  readonly #open = new Map<string, { destroy(): void }>();

  constructor(place: AwsPlace) {
    this.#config = { ...CONTROL_CLIENT, ...place };
  }

  async cloudWatch() {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { sdk, client: this.#client('cloudwatch', () => new sdk.CloudWatchClient(this.#config)) };
  }

  async connect() {
    const sdk = await import('@aws-sdk/client-connect');
    return { sdk, client: this.#client('connect', () => new sdk.ConnectClient(this.#config)) };
  }

  async dynamoDb() {
    const sdk = await import('@aws-sdk/client-dynamodb');
    return { sdk, client: this.#client('dynamodb', () => new sdk.DynamoDBClient(this.#config)) };
  }

  async ec2() {
    const sdk = await import('@aws-sdk/client-ec2');
    return { sdk, client: this.#client('ec2', () => new sdk.EC2Client(this.#config)) };
  }

  async ecr() {
    const sdk = await import('@aws-sdk/client-ecr');
    return { sdk, client: this.#client('ecr', () => new sdk.ECRClient(this.#config)) };
  }

  async ecs() {
    const sdk = await import('@aws-sdk/client-ecs');
    return { sdk, client: this.#client('ecs', () => new sdk.ECSClient(this.#config)) };
  }

  async eventBridge() {
    const sdk = await import('@aws-sdk/client-eventbridge');
    return { sdk, client: this.#client('eventbridge', () => new sdk.EventBridgeClient(this.#config)) };
  }

  async iam() {
    const sdk = await import('@aws-sdk/client-iam');
    return { sdk, client: this.#client('iam', () => new sdk.IAMClient(this.#config)) };
  }

  async kinesisVideo() {
    const sdk = await import('@aws-sdk/client-kinesis-video');
    return { sdk, client: this.#client('kinesisvideo', () => new sdk.KinesisVideoClient(this.#config)) };
  }

  /** By the name that has IPv6, unless the environment names another: the answer depends on who asks. */
  async kinesisVideoByIpv6() {
    const sdk = await import('@aws-sdk/client-kinesis-video');
    const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS_VIDEO } = process.env;
    const useDualstackEndpoint = (AWS_ENDPOINT_URL_KINESIS_VIDEO ?? AWS_ENDPOINT_URL) === undefined;
    const create = () => new sdk.KinesisVideoClient({ ...this.#config, useDualstackEndpoint });
    return { sdk, client: this.#client('kinesisvideo by IPv6', create) };
  }

  async kms() {
    const sdk = await import('@aws-sdk/client-kms');
    return { sdk, client: this.#client('kms', () => new sdk.KMSClient(this.#config)) };
  }

  async lambda() {
    const sdk = await import('@aws-sdk/client-lambda');
    return { sdk, client: this.#client('lambda', () => new sdk.LambdaClient(this.#config)) };
  }

  async quotas() {
    const sdk = await import('@aws-sdk/client-service-quotas');
    return { sdk, client: this.#client('quotas', () => new sdk.ServiceQuotasClient(this.#config)) };
  }

  /** It finds buckets of other regions, too. */
  async s3() {
    const sdk = await import('@aws-sdk/client-s3');
    const config = { ...this.#config, followRegionRedirects: true };
    return { sdk, client: this.#client('s3', () => new sdk.S3Client(config)) };
  }

  async secretsManager() {
    const sdk = await import('@aws-sdk/client-secrets-manager');
    return { sdk, client: this.#client('secrets', () => new sdk.SecretsManagerClient(this.#config)) };
  }

  async sfn() {
    const sdk = await import('@aws-sdk/client-sfn');
    return { sdk, client: this.#client('sfn', () => new sdk.SFNClient(this.#config)) };
  }

  async sns() {
    const sdk = await import('@aws-sdk/client-sns');
    return { sdk, client: this.#client('sns', () => new sdk.SNSClient(this.#config)) };
  }

  close(): void {
    for (const client of this.#open.values()) client.destroy();
  }

  #client<Client extends { destroy(): void }>(name: string, create: () => Client): Client {
    const standing = this.#open.get(name) as Client | undefined;
    const client = standing ?? create();
    this.#open.set(name, client);
    return client;
  }
}
