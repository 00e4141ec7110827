import { getEventListeners } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../../../ports/media/kinesis-body.ts';
import { MediaError } from '../../../ports/media/media.ts';
import { collect } from '../../support/collect.ts';
import { settled } from '../../support/manual-clock.ts';

function given(signal?: AbortSignal) {
  const payload = new PassThrough();
  const client = { destroyed: 0, destroy: () => void (client.destroyed += 1) };
  return { payload, client, body: bodyOf(payload, 'GetMedia', client, signal) };
}

describe('bodyOf', () => {
  it('hands the chunks on, and gives up the client when they are over', async () => {
    const { payload, client, body } = given();
    payload.write(Uint8Array.of(1, 2));
    payload.end(Uint8Array.of(3));
    expect(Buffer.concat(await collect(body))).toEqual(Buffer.of(1, 2, 3));
    expect(client.destroyed).toBeGreaterThan(0);
  });

  it('ends when the signal is aborted, whatever the SDK makes of it', async () => {
    const controller = new AbortController();
    const { payload, client, body } = given(controller.signal);
    payload.write(Uint8Array.of(1));
    const reading = collect(body);
    await settled();
    controller.abort();
    expect(await reading).toHaveLength(1);
    expect(payload.destroyed).toBe(true);
    expect(client.destroyed).toBeGreaterThan(0);
  });

  it('ends at once where the signal is aborted already, read or not', async () => {
    const { payload, client, body } = given(AbortSignal.abort());
    expect(payload.destroyed).toBe(true);
    expect(client.destroyed).toBeGreaterThan(0);
    expect(await collect(body)).toEqual([]);
  });

  it('keeps an error that comes before anybody reads, and throws it to whoever does', async () => {
    const { payload, body } = given();
    // Nobody reads: without a listener it would end the process.
    expect(payload.listenerCount('error')).toBeGreaterThan(0);
    payload.destroy(new Error('read ECONNRESET'));
    await settled();
    await expect(collect(body)).rejects.toMatchObject({
      name: 'MediaError',
      kind: 'unavailable',
      message: 'the body of GetMedia failed with Error: read ECONNRESET',
    });
  });

  it('leaves nothing behind at the signal when it is over', async () => {
    const { signal } = new AbortController();
    const { payload, body } = given(signal);
    payload.end(Uint8Array.of(1));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await collect(body);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('hands on bytes alone', async () => {
    const payload = Readable.from([Uint8Array.of(1), 'text', Uint8Array.of(2)]);
    const body = bodyOf(payload, 'GetMedia', { destroy: () => undefined });
    expect(await collect(body)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it('gives up the client when whoever reads has had enough', async () => {
    const { payload, client, body } = given();
    payload.write(Uint8Array.of(1));
    for await (const chunk of body) {
      expect(chunk).toHaveLength(1);
      break;
    }
    expect(payload.destroyed).toBe(true);
    expect(client.destroyed).toBeGreaterThan(0);
  });

  it('takes an answer without a body for one to be tried again', () => {
    const client = { destroyed: 0, destroy: () => void (client.destroyed += 1) };
    const opened = () => bodyOf(undefined, 'GetMedia', client);
    expect(opened).toThrow(MediaError);
    expect(opened).toThrow(
      expect.objectContaining({ kind: 'unavailable', message: 'GetMedia gave no body' }) as Error,
    );
    expect(client.destroyed).toBe(2);
  });
});
