/** What is asked of Transcribe, header by header, and what its answers are taken for. */
import { once } from 'node:events';
import {
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventFrame, exceptionFrame, FrameReader } from '../../../local/standins/transcribe/frames.ts';
import { SdkTranscribe } from '../../../ports/transcribe/sdk-transcribe.ts';
import {
  SILENCE_CODE,
  TranscribeFailure,
  type TranscribeRequest,
} from '../../../ports/transcribe/transcribe.ts';
import { collect } from '../../support/collect.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';
import { TRANSCRIBE_REQUEST } from '../../support/transcribe-request.ts';

const PREFIX = 'x-amzn-transcribe-';

/** A service that takes all of the audio, and then answers with these frames, or as `answer` does. */
async function service(
  frames: readonly Uint8Array[],
  answer: (stream: ServerHttp2Stream) => void = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/vnd.amazon.eventstream' });
    stream.end(Buffer.concat(frames));
  },
) {
  const asked: { headers: IncomingHttpHeaders; audio: Uint8Array[] }[] = [];
  const server = createServer();
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => sessions.add(session.on('error', () => undefined)));
  server.on('stream', (stream, headers) => {
    const audio: Uint8Array[] = [];
    asked.push({ headers, audio });
    const reader = new FrameReader();
    stream.on('error', () => undefined);
    stream.on('data', (bytes: Uint8Array) => {
      for (const frame of reader.push(bytes)) if (frame !== 'end') audio.push(frame.audio);
    });
    stream.once('end', () => {
      answer(stream);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transcribe = new SdkTranscribe({ endpoint, region: REGION, credentials: CREDENTIALS });
  const open = (changes: Partial<TranscribeRequest> = {}, signal = new AbortController().signal) =>
    transcribe.open({ ...TRANSCRIBE_REQUEST, ...changes }, audioOf('one', 'two'), signal);
  const results = async (changes: Partial<TranscribeRequest> = {}) =>
    (await collect((await open(changes)).results)).flat();
  /** What the first stream was asked for, but for what every request has. */
  const settings = () =>
    Object.fromEntries(
      Object.entries(asked[0]?.headers ?? {}).flatMap(([name, value]) =>
        name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [],
      ),
    );
  return { asked, open, results, settings };
}

async function* audioOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

const event = (...Results: readonly unknown[]) => eventFrame('TranscriptEvent', { Transcript: { Results } });

describe('a stream', () => {
  const USUAL = {
    'media-encoding': 'pcm',
    'sample-rate': '8000',
    'enable-channel-identification': 'true',
    'number-of-channels': '2',
    'session-id': TRANSCRIBE_REQUEST.sessionId,
  };

  it.each([
    ['one language', {}, { 'language-code': 'en-US' }],
    [
      'a vocabulary and a filter',
      { vocabularies: ['v', 'w'], filters: ['f', 'g'], filterMethod: 'mask' },
      {
        'language-code': 'en-US',
        'vocabulary-name': 'v',
        'vocabulary-filter-name': 'f',
        'vocabulary-filter-method': 'mask',
      },
    ],
    [
      'several languages',
      { languages: ['en-US', 'de-DE'] },
      { 'identify-language': 'true', 'language-options': 'en-US,de-DE' },
    ],
    [
      'several languages, each with its vocabulary and its filter',
      { languages: ['en-US', 'de-DE'], vocabularies: ['v', 'w'], filters: ['f', 'g'] },
      {
        'identify-language': 'true',
        'language-options': 'en-US,de-DE',
        'vocabulary-names': 'v,w',
        'vocabulary-filter-names': 'f,g',
      },
    ],
    [
      'what is personal',
      { pii: 'identify' },
      { 'language-code': 'en-US', 'content-identification-type': 'PII' },
    ],
    [
      'what is personal to be left out, of some types',
      { pii: 'redact', piiTypes: ['NAME', 'PIN'] },
      { 'language-code': 'en-US', 'content-redaction-type': 'PII', 'pii-entity-types': 'NAME,PIN' },
    ],
  ] as const)('is asked for %s', async (_, changes, settings) => {
    const { results, settings: asked } = await service([]);
    expect(await results(changes)).toEqual([]);
    expect(asked()).toEqual({ ...USUAL, ...settings });
  });

  it('is given the audio, chunk by chunk', async () => {
    const { results, asked } = await service([]);
    await results();
    expect(asked.map(({ audio }) => audio.map((chunk) => Buffer.from(chunk).toString()))).toEqual([
      ['one', 'two'],
    ]);
  });

  it('tells when its credentials expire, where they do', async () => {
    const { open } = await service([]);
    expect((await open()).expiresAtMs).toBeUndefined();
    const expiration = new Date(1_700_000_000_000);
    const temporary = new SdkTranscribe({ region: REGION, credentials: { ...CREDENTIALS, expiration } });
    const stream = await temporary.open(TRANSCRIBE_REQUEST, audioOf(), AbortSignal.abort());
    expect(stream.expiresAtMs).toBe(1_700_000_000_000);
  });

  it('is not begun without credentials', async () => {
    const none = new SdkTranscribe({
      region: REGION,
      credentials: () =>
        Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
    });
    const opened = none.open(TRANSCRIBE_REQUEST, audioOf(), new AbortController().signal);
    await expect(opened).rejects.toThrow(TranscribeFailure);
    await expect(opened).rejects.toMatchObject({
      name: 'TranscribeFailure',
      code: 'CredentialsProviderError',
      message: 'Transcribe: CredentialsProviderError',
      cause: { message: 'none' },
    });
  });

  it('is over when the signal is aborted', async () => {
    const { open, asked } = await service([], () => undefined);
    const controller = new AbortController();
    const reading = collect((await open({}, controller.signal)).results);
    await expect.poll(() => asked).toHaveLength(1);
    controller.abort();
    await expect(reading).rejects.toThrow(TranscribeFailure);
  });
});

describe('a client', () => {
  /** One whose connections fail, as they see it. */
  function given(credentials = () => Promise.resolve(CREDENTIALS)) {
    const connections = { handle: () => Promise.reject(new Error('nowhere')), destroy: vi.fn() };
    const controller = new AbortController();
    const transcribe = new SdkTranscribe({ region: REGION, credentials, requestHandler: connections });
    const opened = transcribe.open(TRANSCRIBE_REQUEST, audioOf(), controller.signal);
    return { opened, controller, destroyed: connections.destroy };
  }

  it('is given up when its stream is over', async () => {
    const { opened, destroyed } = given();
    const { results } = await opened;
    expect(destroyed).not.toHaveBeenCalled();
    await expect(collect(results)).rejects.toThrow(TranscribeFailure);
    expect(destroyed).toHaveBeenCalled();
  });

  it('is given up when the signal is aborted, whether anybody reads or not', async () => {
    const { opened, controller, destroyed } = given();
    await opened;
    controller.abort();
    expect(destroyed).toHaveBeenCalled();
  });

  it('is given up when it has no credentials', async () => {
    const { opened, destroyed } = given(() => Promise.reject(new Error('none')));
    await expect(opened).rejects.toThrow(TranscribeFailure);
    expect(destroyed).toHaveBeenCalled();
  });
});

describe('a result', () => {
  const RESULT = {
    ResultId: 'r',
    StartTime: 1,
    EndTime: 3,
    IsPartial: true,
    ChannelId: 'ch_1',
    LanguageCode: 'en-US',
    Alternatives: [
      {
        Transcript: 'Hello, Ann.',
        Items: [
          { Content: 'Hello', Type: 'pronunciation', StartTime: 1.5, EndTime: 2, Confidence: 0.5 },
          { Content: ',', Type: 'punctuation' },
        ],
        Entities: [
          { Type: 'NAME', StartTime: 2, EndTime: 2.5 },
          { Type: 'NAME', StartTime: 2 },
          { StartTime: 1, EndTime: 2 },
          { Type: 'PIN', EndTime: 1 },
        ],
      },
    ],
  };

  it('is told with its words, and what of it is personal', async () => {
    const { results } = await service([event(RESULT)]);
    expect(await results()).toEqual([
      {
        id: 'r',
        isPartial: true,
        channel: 1,
        startSeconds: 1,
        endSeconds: 3,
        language: 'en-US',
        text: 'Hello, Ann.',
        items: [
          { text: 'Hello', isPunctuation: false, startSeconds: 1.5, endSeconds: 2, confidence: 0.5 },
          { text: ',', isPunctuation: true, startSeconds: 1, endSeconds: 3, confidence: undefined },
        ],
        entities: [{ type: 'NAME', startSeconds: 2, endSeconds: 2.5 }],
      },
    ]);
  });

  it('may say no more than whose it is, and when', async () => {
    const bare = { ResultId: 'r', StartTime: 0, EndTime: 0, ChannelId: 'ch_0' };
    const { results } = await service([event({ ...bare, Alternatives: [{ Items: [{}] }] }, bare)]);
    const said = {
      id: 'r',
      isPartial: false,
      channel: 0,
      startSeconds: 0,
      endSeconds: 0,
      language: undefined,
      text: '',
      entities: [],
    };
    expect(await results()).toEqual([
      {
        ...said,
        items: [{ text: '', isPunctuation: false, startSeconds: 0, endSeconds: 0, confidence: undefined }],
      },
      { ...said, items: [] },
    ]);
  });

  it.each(['ResultId', 'StartTime', 'EndTime', 'ChannelId'])('is none without %s', async (name) => {
    const { results } = await service([event({ ...RESULT, [name]: undefined }, RESULT)]);
    expect(await results()).toHaveLength(1);
  });

  it('is none of another side', async () => {
    const { results } = await service([event({ ...RESULT, ChannelId: 'ch_2' })]);
    expect(await results()).toEqual([]);
  });

  it('comes with others, event by event, some of which say nothing', async () => {
    const frames = [
      event(RESULT, RESULT),
      eventFrame('TranscriptEvent', {}),
      eventFrame('TranscriptEvent', { Transcript: {} }),
      event(RESULT),
    ];
    const { open } = await service(frames);
    expect((await collect((await open()).results)).map(({ length }) => length)).toEqual([2, 0, 0, 1]);
  });
});

describe('a failure', () => {
  it.each([
    [
      'BadRequestException',
      'your request timed out because no new audio was received for 15 seconds',
      SILENCE_CODE,
    ],
    ['BadRequestException', 'a language code is not valid', 'BadRequestException'],
    ['LimitExceededException', 'no new audio was received', 'LimitExceededException'],
  ])('amid a stream is told by the service’s word: %s, “%s”', async (name, message, code) => {
    const { results } = await service([exceptionFrame(name, message)]);
    await expect(results()).rejects.toMatchObject({ name: 'TranscribeFailure', code, cause: { name } });
  });

  it('before a stream is told by the service’s word, and not tried again', async () => {
    const { results, asked } = await service([], (stream) => {
      stream.respond({ ':status': 429, 'x-amzn-errortype': 'LimitExceededException' });
      stream.end('{}');
    });
    await expect(results()).rejects.toMatchObject({ code: 'LimitExceededException' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [Object.assign(new Error('none'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [Object.assign(new TypeError('none'), { code: 'ERR_INVALID_URL' }), 'TypeError'],
    [new Error('none'), 'Error'],
    ['no error', 'string'],
  ])(
    'of the credentials is told by the code of what is but an error, or by its name: %o',
    async (thrown, code) => {
      const credentials = vi.fn().mockRejectedValue(thrown);
      const none = new SdkTranscribe({ region: REGION, credentials });
      const opened = none.open(TRANSCRIBE_REQUEST, audioOf(), new AbortController().signal);
      await expect(opened).rejects.toMatchObject({ name: 'TranscribeFailure', code });
    },
  );

  it('of the connection is told by its code', async () => {
    const nowhere = new SdkTranscribe({
      endpoint: 'http://127.0.0.1:1',
      region: REGION,
      credentials: CREDENTIALS,
    });
    const { results } = await nowhere.open(TRANSCRIBE_REQUEST, audioOf(), new AbortController().signal);
    await expect(collect(results)).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONN|ERR_HTTP2)/) as string,
    });
  });
});
