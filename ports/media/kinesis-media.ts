import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector as WireSelector,
} from '@aws-sdk/client-kinesis-video-media';
import { handled } from '../runtime/handled.ts';
import { bodyOf } from './kinesis-body.ts';
import { KinesisControl, type KinesisOptions } from './kinesis-client.ts';
import type { Media, StartSelector } from './media.ts';
import { isInvalidArgument, mediaErrorOf } from './media-error.ts';

/** Live media of a Kinesis video stream. Every session has an endpoint and a client of its own. */
export class KinesisMedia implements Media {
  readonly #control: KinesisControl;
  readonly #streamArn: string;
  /** The configuration for the first session, where it was asked for beforehand. */
  #prepared: ReturnType<KinesisControl['dataClientConfig']> | undefined;

  constructor(options: KinesisOptions) {
    this.#control = new KinesisControl(options);
    this.#streamArn = options.streamArn;
  }

  /** Asks for the first session's endpoint now, while it is still being seen to that the session may begin. */
  prepare(): void {
    this.#prepared = handled(this.#control.dataClientConfig('GET_MEDIA'));
  }

  async open(start: StartSelector, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    const config = await (prepared ?? this.#control.dataClientConfig('GET_MEDIA', signal));
    const client = new KinesisVideoMediaClient(config);
    const command = new GetMediaCommand({ StreamARN: this.#streamArn, StartSelector: wireSelector(start) });
    try {
      const { Payload } = await client.send(command, { abortSignal: signal });
      return bodyOf(Payload, 'GetMedia', client, signal);
    } catch (error) {
      client.destroy();
      throw mediaErrorOf(error, 'GetMedia', refusesPosition(error, start) ? 'positionUnknown' : undefined);
    }
  }
}

/**
 * GetDataEndpoint has just accepted the stream, so that what is left to refuse in a request that names a fragment
 * is that fragment. A time is never unknown to a stream.
 */
function refusesPosition(error: unknown, start: StartSelector): boolean {
  return isInvalidArgument(error) && (start.kind === 'afterFragment' || start.kind === 'continuationToken');
}

function wireSelector(start: StartSelector): WireSelector {
  switch (start.kind) {
    case 'serverTimestamp':
      return { StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: new Date(start.atMs) };
    case 'afterFragment':
      return { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: start.number.toString() };
    case 'continuationToken':
      return { StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken: start.token };
    case 'earliest':
      return { StartSelectorType: 'EARLIEST' };
    case 'now':
      return { StartSelectorType: 'NOW' };
  }
}
