/** The least that can be measured against: one GetMedia, through its SDK client, at an endpoint that is known. */
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';

const { STREAM_ARN = '', ENDPOINT = '' } = process.env;

await new KinesisVideoMediaClient({ endpoint: ENDPOINT }).send(
  new GetMediaCommand({ StreamARN: STREAM_ARN, StartSelector: { StartSelectorType: 'EARLIEST' } }),
);
