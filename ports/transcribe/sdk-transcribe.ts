/**
 * Transcribe streaming by AWS's SDK. Each stream has a client of its own: the service takes one stream a connection, and
 * the next one is to have fresh credentials.
 */
import {
  type Result,
  StartStreamTranscriptionCommand,
  type StartStreamTranscriptionCommandInput,
  TranscribeStreamingClient,
  type TranscribeStreamingClientConfig,
} from '@aws-sdk/client-transcribe-streaming';
import {
  SILENCE_CODE,
  type Transcribe,
  TranscribeFailure,
  type TranscribeRequest,
  type TranscribeResult,
  type TranscribeStream,
} from './transcribe.ts';

/** The service says so of a stream to which nothing came; by its name alone it can't be told from a wrong setting. */
const SILENCE = 'no new audio was received';

/** What it would print beside this program's log. */
const nothing = () => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export class SdkTranscribe implements Transcribe {
  readonly #config: TranscribeStreamingClientConfig;

  constructor(config: TranscribeStreamingClientConfig = {}) {
    this.#config = config;
  }

  async open(
    request: TranscribeRequest,
    audio: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<TranscribeStream> {
    // It tries a stream once, whatever this says.
    const client = new TranscribeStreamingClient({ ...this.#config, maxAttempts: 1, logger: SILENT });
    const destroy = () => {
      client.destroy();
    };
    signal.addEventListener('abort', destroy, { once: true });
    try {
      const { expiration } = await client.config.credentials();
      return {
        expiresAtMs: expiration?.getTime(),
        results: resultsOf(client, inputOf(request, audio), signal),
      };
    } catch (error) {
      destroy();
      throw failureOf(error);
    }
  }
}

async function* resultsOf(
  client: TranscribeStreamingClient,
  input: StartStreamTranscriptionCommandInput,
  signal: AbortSignal,
): AsyncGenerator<readonly TranscribeResult[]> {
  try {
    // It answers with the first event only, which comes when somebody has spoken.
    const { TranscriptResultStream: events = [] } = await client.send(
      new StartStreamTranscriptionCommand(input),
      { abortSignal: signal },
    );
    for await (const { TranscriptEvent: event } of events)
      yield (event?.Transcript?.Results ?? []).flatMap((result) => resultOf(result) ?? []);
  } catch (error) {
    throw failureOf(error);
  } finally {
    client.destroy();
  }
}

function inputOf(
  request: TranscribeRequest,
  audio: AsyncIterable<Uint8Array>,
): StartStreamTranscriptionCommandInput {
  const { sampleRate, sessionId, filterMethod } = request;
  return {
    MediaEncoding: 'pcm',
    MediaSampleRateHertz: sampleRate,
    EnableChannelIdentification: true,
    NumberOfChannels: 2,
    SessionId: sessionId,
    ...languageInput(request),
    ...(filterMethod !== undefined && { VocabularyFilterMethod: filterMethod }),
    ...piiInput(request),
    AudioStream: eventsOf(audio),
  };
}

function languageInput({
  languages,
  vocabularies,
  filters,
}: TranscribeRequest): Partial<StartStreamTranscriptionCommandInput> {
  const [language] = languages;
  if (languages.length > 1)
    return {
      IdentifyLanguage: true,
      LanguageOptions: languages.join(','),
      ...(vocabularies.length > 0 && { VocabularyNames: vocabularies.join(',') }),
      ...(filters.length > 0 && { VocabularyFilterNames: filters.join(',') }),
    };
  return {
    // Which there are is the service's to say.
    LanguageCode: language as NonNullable<StartStreamTranscriptionCommandInput['LanguageCode']>,
    ...(vocabularies[0] !== undefined && { VocabularyName: vocabularies[0] }),
    ...(filters[0] !== undefined && { VocabularyFilterName: filters[0] }),
  };
}

function piiInput({ pii, piiTypes }: TranscribeRequest): Partial<StartStreamTranscriptionCommandInput> {
  if (pii === undefined) return {};
  return {
    ...(pii === 'redact' ? { ContentRedactionType: 'PII' } : { ContentIdentificationType: 'PII' }),
    ...(piiTypes.length > 0 && { PiiEntityTypes: piiTypes.join(',') }),
  };
}

async function* eventsOf(audio: AsyncIterable<Uint8Array>) {
  for await (const chunk of audio) yield { AudioEvent: { AudioChunk: chunk } };
}

/** @returns undefined for what can't be one */
function resultOf(result: Result): TranscribeResult | undefined {
  const { ResultId: id, IsPartial: isPartial = false, ChannelId: channel, LanguageCode: language } = result;
  const { StartTime: startSeconds, EndTime: endSeconds } = result;
  const [alternative] = result.Alternatives ?? [];
  const isOfSide = channel === 'ch_0' || channel === 'ch_1';
  if (id === undefined || startSeconds === undefined || endSeconds === undefined || !isOfSide)
    return undefined;
  return {
    id,
    isPartial,
    channel: channel === 'ch_0' ? 0 : 1,
    startSeconds,
    endSeconds,
    language,
    text: alternative?.Transcript ?? '',
    items: (alternative?.Items ?? []).map((item) => ({
      text: item.Content ?? '',
      isPunctuation: item.Type === 'punctuation',
      startSeconds: item.StartTime ?? startSeconds,
      endSeconds: item.EndTime ?? endSeconds,
      confidence: item.Confidence,
    })),
    entities: (alternative?.Entities ?? []).flatMap(({ Type: type, StartTime: start, EndTime: end }) =>
      type === undefined || start === undefined || end === undefined
        ? []
        : [{ type, startSeconds: start, endSeconds: end }],
    ),
  };
}

function failureOf(error: unknown): TranscribeFailure {
  if (!(error instanceof Error)) return new TranscribeFailure(typeof error);
  if (error.name === 'BadRequestException' && error.message.includes(SILENCE))
    return new TranscribeFailure(SILENCE_CODE, { cause: error });
  const code = error.name === 'Error' && 'code' in error ? String(error.code) : error.name;
  return new TranscribeFailure(code, { cause: error });
}
