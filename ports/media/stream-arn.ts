/** A Kinesis video stream’s ARN, where people name it by its name alone. */
import {
  DescribeStreamCommand,
  type KinesisVideoClient,
  type KinesisVideoClientConfig,
} from '@aws-sdk/client-kinesis-video';
import { mediaErrorOf } from './media-error.ts';

export type StreamPlace = Pick<KinesisVideoClientConfig, 'region' | 'credentials' | 'endpoint'>;

/** @returns undefined where there is no such stream. @throws MediaError, of another kind than `noSuchStream` */
export async function streamArnOf(
  client: Pick<KinesisVideoClient, 'send'>,
  name: string,
): Promise<string | undefined> {
  try {
    const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: name }));
    return StreamInfo?.StreamARN;
  } catch (error) {
    const refused = mediaErrorOf(error, 'DescribeStream');
    if (refused.kind === 'noSuchStream') return undefined;
    throw refused;
  }
}
