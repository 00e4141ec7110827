import { Readable } from 'node:stream';
import { MediaError } from './media.ts';
import { mediaErrorOf } from './media-error.ts';

/**
 * The body of an answer, chunk by chunk. It ends when the signal is aborted, and gives up its client when it is over.
 * @param payload what the SDK gives: in Node.js, an IncomingMessage
 * @throws MediaError while it is read
 */
export function bodyOf(
  payload: unknown,
  operation: string,
  client: { destroy(): void },
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (!(payload instanceof Readable)) {
    client.destroy();
    throw new MediaError('unavailable', `${operation} gave no body`);
  }
  const close = () => {
    payload.destroy();
    client.destroy();
  };
  // A body that nobody reads (any more) may still fail; without a listener that would end the process.
  payload.on('error', () => undefined);
  payload.once('close', () => signal?.removeEventListener('abort', close));
  signal?.addEventListener('abort', close);
  if (signal?.aborted === true) close();
  return chunksOf(payload, operation, close, signal);
}

async function* chunksOf(
  payload: Readable,
  operation: string,
  close: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of payload) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw mediaErrorOf(error, `the body of ${operation}`);
  } finally {
    close();
  }
}
