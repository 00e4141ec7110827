/** The stand-in of Transcribe streaming does what the service is known to do. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientConfig } from '../../../local/standins/environment.ts';
import { EnergyHearing, type WordsOf } from '../../../local/standins/transcribe/hearing.ts';
import { scriptWords } from '../../../local/standins/transcribe/script.ts';
import { startTranscribe, type TranscribeOptions } from '../../../local/standins/transcribe/server.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { SdkTranscribe } from '../../../ports/transcribe/sdk-transcribe.ts';
import type { TranscribeRequest, TranscribeResult } from '../../../ports/transcribe/transcribe.ts';
import { patientClock } from '../../support/patient-clock.ts';
import { TRANSCRIBE_REQUEST } from '../../support/transcribe-request.ts';

const RATE = 8_000;
const CHUNK_BYTES = RATE / 5;
const SAMPLE = join(import.meta.dirname, '../../../local/sample/call.wav');

async function standin(options: Partial<TranscribeOptions> = {}, wordsOf: WordsOf = scriptWords()) {
  const clock = patientClock(40);
  const hearing: TranscribeOptions['hearing'] = (rate, tell) => new EnergyHearing(rate, wordsOf, tell);
  const started = await startTranscribe({ hearing, clock, ...options });
  onTestFinished(() => started.close());
  const ask = async (audio: AsyncIterable<Uint8Array>, changes: Partial<TranscribeRequest> = {}) => {
    const transcribe = new SdkTranscribe(clientConfig(started.url));
    const closing = new AbortController();
    onTestFinished(() => {
      closing.abort();
    });
    const { results } = await transcribe.open({ ...TRANSCRIBE_REQUEST, ...changes }, audio, closing.signal);
    const all: TranscribeResult[] = [];
    for await (const some of results) all.push(...some);
    return all;
  };
  return { ...started, clock, ask };
}

async function* sample(seconds = 31): AsyncGenerator<Uint8Array> {
  const pcm = (await readFile(SAMPLE)).subarray(44, 44 + seconds * RATE * 4);
  for (let at = 0; at < pcm.length; at += CHUNK_BYTES) yield pcm.subarray(at, at + CHUNK_BYTES);
}

async function* silence(clock: Clock, everyMs: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield new Uint8Array(CHUNK_BYTES);
    await clock.sleep(everyMs);
  }
}

describe('Transcribe’s stand-in', { timeout: 60_000 }, () => {
  test('says what is said in the sample, by side, and first what it takes back', async () => {
    const { ask } = await standin();
    const results = await ask(sample());
    const finals = results.filter(({ isPartial }) => !isPartial);
    expect(finals.map(({ channel, text }) => `${String(channel)} ${text}`).toSorted()).toEqual([
      '0 Hello. I ordered a book last week, and it has not come yet.',
      '0 Oh, only yesterday? Well, at least that.',
      '0 Very good. Thank you, goodbye.',
      '1 Good morning, Acme Books, this is Ann. How can I help you?',
      '1 Goodbye, and enjoy the book!',
      '1 I am sorry to hear that. One moment, please, I will have a look.',
      '1 Thank you for waiting. Your book left our house yesterday, by express mail.',
      '1 You should have it tomorrow.',
    ]);
    const of = (id: string) => results.filter((one) => one.isPartial && one.id === id);
    expect(finals.every(({ id }) => of(id).length > 0)).toBe(true);
    const changed = finals.filter((final) => of(final.id).some(({ text }) => !final.text.startsWith(text)));
    expect(changed.length).toBeGreaterThan(0);
    expect(finals[0]?.items[0]).toMatchObject({
      text: 'Good',
      startSeconds: expect.closeTo(0.5, 0) as number,
    });
  });

  test('ends a stream to which nothing comes, and one that lasts too long; digital silence keeps it open', async () => {
    const world = await standin({ longestMs: 60_000 });
    await expect(world.ask(silence(world.clock, 20_000))).rejects.toMatchObject({ code: 'NoNewAudio' });
    await expect(world.ask(silence(world.clock, 5_000))).rejects.toMatchObject({
      code: 'LimitExceededException',
    });
    expect(world.streams.map(({ ended }) => ended)).toEqual([
      'BadRequestException',
      'LimitExceededException',
    ]);
  });

  test('refuses the 26th stream at a time, and takes one when another has ended', async () => {
    const { ask, streams, clock } = await standin();
    const over = Array.from({ length: 25 }, () => false);
    async function* untilOver(index: number): AsyncGenerator<Uint8Array> {
      while (over[index] === false) {
        yield new Uint8Array(CHUNK_BYTES);
        await clock.sleep(1_000);
      }
    }
    const idOf = (index: number) => ({
      sessionId: `0b9f8a1e-6f5d-4b1c-8a52-${String(index).padStart(12, '0')}`,
    });
    const open = over.map((_, index) => ask(untilOver(index), idOf(index)));
    await expect.poll(() => streams.filter(({ ended }) => ended === 'open').length).toBe(over.length);
    const another = () => ask(sample(1), idOf(over.length));
    await expect(another()).rejects.toMatchObject({ code: 'LimitExceededException' });
    over[0] = true;
    await open[0];
    await another();
    over.fill(true);
    await Promise.all(open);
    expect(streams.map(({ ended }) => ended).toSorted()).toEqual([
      'LimitExceededException',
      ...Array<string>(over.length + 1).fill('done'),
    ]);
  });

  test.each([
    ['one dialect twice', { languages: ['en-US', 'en-GB'] }],
    ['redaction where the language is found out', { languages: ['en-US', 'de-DE'], pii: 'redact' }],
    ['a type that isn’t', { pii: 'redact', piiTypes: ['SHOE_SIZE'] }],
    ['a SessionId that is no UUID', { sessionId: 'mine' }],
    ['a rate that isn’t', { sampleRate: 4_000 }],
  ] as const)('refuses %s', async (_, changes) => {
    const { ask } = await standin();
    await expect(ask(sample(1), changes)).rejects.toMatchObject({ code: 'BadRequestException' });
  });

  test('redacts what is personal when a segment is complete', async () => {
    const { ask } = await standin({}, (samples) => [
      { text: 'B42', startFrame: 0, endFrame: samples.length },
    ]);
    const results = await ask(sample(4), { pii: 'redact', piiTypes: ['NAME'] });
    const texts = (isPartial: boolean) =>
      new Set(results.filter((one) => one.isPartial === isPartial).map(({ text }) => text));
    expect(texts(false)).toEqual(new Set(['[PII]']));
    expect(texts(true).has('[PII]')).toBe(false);
  });
});
