import {
  type APIName,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
  type KinesisVideoClientConfig,
} from '@aws-sdk/client-kinesis-video';
import { MediaError } from './media.ts';
import { mediaErrorOf } from './media-error.ts';

export interface KinesisOptions {
  readonly streamArn: string;
  readonly connectionTimeoutMs: number;
  /** How long a connection may be silent: before an answer, and within its body. */
  readonly socketTimeoutMs: number;
  /** Set where it isn't to come in the SDK's standard way. `endpoint` is that of the control plane alone. */
  readonly client?: Pick<KinesisVideoClientConfig, 'region' | 'credentials' | 'endpoint'>;
}

/** What most programs wait for. A body that is silent for longer is opened again, which costs nothing. */
export const KINESIS_WAITS = { connectionTimeoutMs: 5_000, socketTimeoutMs: 30_000 } as const;

export interface StreamFacts {
  readonly retentionHours: number | undefined;
  /** Epoch ms. */
  readonly createdAtMs: number | undefined;
}

/** The control plane of Kinesis Video Streams, for one stream, and what clients of its data plane are made of. */
export class KinesisControl {
  readonly #options: KinesisOptions;
  readonly #client: KinesisVideoClient;

  constructor(options: KinesisOptions) {
    this.#options = options;
    this.#client = new KinesisVideoClient({ ...options.client, ...this.#transport() });
  }

  /**
   * The configuration of a client for one operation, at an endpoint asked for anew: what stands behind an endpoint
   * lasts for about 45 minutes. Region and credentials are the control client's, which keeps them fresh.
   * @throws MediaError
   */
  async dataClientConfig(apiName: APIName, signal?: AbortSignal) {
    const endpoint = await this.#dataEndpoint(apiName, signal);
    const { region, credentials } = this.#client.config;
    // It is the service's to say what the endpoint speaks: asked by IPv6, too, the SDK would refuse to be given one.
    return { ...this.#transport(), region, credentials, endpoint, useDualstackEndpoint: false };
  }

  /** @throws MediaError */
  async describeStream(): Promise<StreamFacts> {
    try {
      const command = new DescribeStreamCommand({ StreamARN: this.#options.streamArn });
      const { StreamInfo } = await this.#client.send(command);
      return {
        retentionHours: StreamInfo?.DataRetentionInHours,
        createdAtMs: StreamInfo?.CreationTime?.getTime(),
      };
    } catch (error) {
      throw mediaErrorOf(error, 'DescribeStream');
    }
  }

  async #dataEndpoint(apiName: APIName, signal: AbortSignal | undefined): Promise<string> {
    const command = new GetDataEndpointCommand({ StreamARN: this.#options.streamArn, APIName: apiName });
    try {
      const { DataEndpoint } = await this.#client.send(command, signal && { abortSignal: signal });
      if (DataEndpoint !== undefined) return DataEndpoint;
    } catch (error) {
      throw mediaErrorOf(error, 'GetDataEndpoint');
    }
    throw new MediaError('unavailable', 'GetDataEndpoint gave no endpoint');
  }

  /** No retries: whoever reads decides where to go on, and how soon. */
  #transport() {
    const { connectionTimeoutMs, socketTimeoutMs } = this.#options;
    return {
      maxAttempts: 1,
      requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: socketTimeoutMs },
    };
  }
}
