/** Genesys's AudioHook, version 2: callspool as its client. */
import type { Clock } from '../../../../ports/runtime/clock.ts';
import { recordingId } from '../../../../recording/identity.ts';
import { Connection } from '../server/connection.ts';
import type { Dialect, Session, SessionRequest } from '../server/session.ts';
import { asUuid } from '../server/uuid.ts';
import { type Format, offeredMedia, SAMPLE_RATE } from './media.ts';
import type { OpenParameters } from './messages.ts';
import { AudioHookSession } from './session.ts';
import { type Headers, type Identity, identityHeaders, signatureHeaders } from './signature.ts';

const SIGNATURE_SECONDS = 30;
/** So many sessions are told of; of a call with more, the latest. */
const CONTINUED_MAX = 20;

export interface AudioHookOptions {
  readonly clock: Clock;
  /** A UUID that stands for whoever runs this. */
  readonly organizationId: string;
  /** What is offered first. */
  readonly format: Format;
  readonly language: string | undefined;
  readonly unique: () => string;
}

export class AudioHook implements Dialect {
  readonly name = 'audiohook';
  readonly sampleRate = SAMPLE_RATE;
  readonly #options: AudioHookOptions;
  /** The sessions of this call, in order. */
  #sessions: AudioHookSession[] = [];

  constructor(options: AudioHookOptions) {
    this.#options = options;
  }

  async open(request: SessionRequest, signal: AbortSignal): Promise<Session> {
    const { clock, organizationId, unique } = this.#options;
    const { recording, startFrame } = request.call;
    const correlationId = asUuid(recording.contactId);
    const identity = { organizationId, sessionId: unique(), correlationId };
    const connection = await Connection.open(request.url, this.#headers(request, identity), clock, signal);
    const session = new AudioHookSession(identity.sessionId, connection, clock, startFrame);
    const stop = () => {
      session.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await session.open(this.#openParameters(request));
    } catch (error) {
      session.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    this.#sessions = [...this.#sessions, session].slice(-CONTINUED_MAX);
    return session;
  }

  #headers({ url, credentials }: SessionRequest, identity: Identity): Headers {
    const { apiKey, clientSecret, authorization } = credentials;
    const created = Math.floor(this.#options.clock.now() / 1000);
    const time = { created, expires: created + SIGNATURE_SECONDS, nonce: this.#options.unique() };
    const isSigned = apiKey !== undefined && clientSecret !== undefined;
    return {
      ...identityHeaders(identity, apiKey),
      ...(isSigned && signatureHeaders(url, identity, { apiKey, clientSecret }, time)),
      ...(authorization !== undefined && { Authorization: authorization }),
    };
  }

  #openParameters({ call, facts }: SessionRequest): OpenParameters {
    const { organizationId, format, language } = this.#options;
    const { contactId, startFragmentNumber } = call.recording;
    const conversationId = asUuid(contactId);
    const continuedSessions = this.#sessions.map(({ continued }) => continued);
    return {
      organizationId,
      conversationId,
      participant: {
        id: conversationId,
        ani: facts.customerNumber ?? '',
        aniName: '',
        dnis: facts.systemNumber ?? '',
      },
      media: offeredMedia(format),
      ...(language !== undefined && { language }),
      ...(continuedSessions.length > 0 && { continuedSessions }),
      customConfig: {
        recordingId: recordingId(call.recording),
        contactId,
        startFragmentNumber: startFragmentNumber.toString(),
        originMs: Math.round(call.originMs),
        ...(facts.attributes && { attributes: facts.attributes }),
      },
    };
  }
}
