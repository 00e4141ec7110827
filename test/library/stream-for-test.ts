/** A stream of the stand-in, and what leads a reader of the library to it. */
import type { StreamOptions } from '../../library/stream/options.ts';
import { type KinesisVideoOptions, startKinesisVideo } from '../../local/standins/kinesis-video/server.ts';
import { type StoredFragment, Stream } from '../../local/standins/kinesis-video/stream.ts';
import { STREAM_ARN } from '../support/call.ts';
import { STREAM_NAME } from '../support/kinesis.ts';
import { CREDENTIALS, REGION } from '../support/standins.ts';

export interface StreamForTest {
  readonly url: string;
  readonly stream: Stream;
  /** How often each operation was called. */
  readonly requests: Awaited<ReturnType<typeof startKinesisVideo>>['requests'];
  readonly client: NonNullable<StreamOptions['client']>;
  /** They end soon where nothing more comes. */
  readonly options: StreamOptions;
  close(): Promise<void>;
}

export async function streamForTest(
  fragments: readonly StoredFragment[],
  options: Partial<KinesisVideoOptions> = {},
): Promise<StreamForTest> {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
  for (const fragment of fragments) stream.put(fragment);
  const kinesis = await startKinesisVideo({ streams: [stream], idleMs: 60_000, ...options });
  const { url, requests } = kinesis;
  const client = { region: REGION, credentials: CREDENTIALS, endpoint: url };
  return {
    url,
    stream,
    requests,
    client,
    options: { streamArn: STREAM_ARN, client, endWhenQuietMs: 300 },
    close: () => kinesis.close(),
  };
}
