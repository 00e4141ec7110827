/** Twilio's Media Streams, one way: callspool in the place of Twilio. */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../../../ports/runtime/clock.ts';
import { recordingId } from '../../../../recording/identity.ts';
import { Connection } from '../server/connection.ts';
import type { Dialect, Session, SessionRequest } from '../server/session.ts';
import { asUuid } from '../server/uuid.ts';
import { SAMPLE_RATE, TwilioSession } from './session.ts';

export interface TwilioOptions {
  readonly clock: Clock;
  /** A UUID that stands for whoever runs this. */
  readonly organizationId: string;
  readonly unique: () => string;
}

export class Twilio implements Dialect {
  readonly name = 'twilio';
  readonly sampleRate = SAMPLE_RATE;
  readonly #options: TwilioOptions;

  constructor(options: TwilioOptions) {
    this.#options = options;
  }

  async open(request: SessionRequest, signal: AbortSignal): Promise<Session> {
    const { clock, organizationId, unique } = this.#options;
    const { recording, startFrame } = request.call;
    const connection = await Connection.open(request.url, headersOf(request), clock, signal);
    const session = new TwilioSession(sid('MZ', unique()), connection, clock, startFrame);
    try {
      await session.open({
        accountSid: sid('AC', organizationId),
        callSid: sid('CA', asUuid(recording.contactId)),
        customParameters: customParameters(request),
      });
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }
}

/** Twilio's ids: two letters and 32 hexadecimal digits. */
function sid(kind: 'AC' | 'CA' | 'MZ', uuid: string): string {
  return kind + uuid.replaceAll('-', '');
}

function headersOf({
  url,
  credentials: { authToken, authorization },
}: SessionRequest): Record<string, string> {
  return {
    ...(authToken !== undefined && { 'X-Twilio-Signature': signatureOf(url, authToken) }),
    ...(authorization !== undefined && { Authorization: authorization }),
  };
}

/** Signs a request; of one without parameters the URL alone is signed ("Validating requests" of Twilio's documentation). */
function signatureOf(url: string, authToken: string): string {
  return createHmac('sha1', authToken).update(url).digest('base64');
}

/** The contact's attributes by their own names; where one is called like a fact, the fact stands. */
function customParameters({ call, facts }: SessionRequest): Record<string, string> {
  const { recording, startFrame, originMs } = call;
  const { customerNumber, systemNumber, attributes } = facts;
  return {
    ...attributes,
    recordingId: recordingId(recording),
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    startFrame: String(startFrame),
    originMs: String(Math.round(originMs)),
    ...(customerNumber !== undefined && { from: customerNumber }),
    ...(systemNumber !== undefined && { to: systemNumber }),
  };
}
