/** The messages of one session: numbered in both directions, each with how far the call’s audio has come. */
import type { Connection } from '../server/connection.ts';
import {
  type ClientParameters,
  durationOf,
  type ErrorCode,
  type OpenParameters,
  parseServerMessage,
  type ServerMessage,
} from './messages.ts';

/** A server that sends nothing but rubbish is told so a few times. */
const COMPLAINTS_MAX = 5;

export class Conversation {
  readonly #id: string;
  readonly #connection: Connection;
  readonly #position: () => number;
  #seq = 0;
  #serverSeq = 0;
  #complaints = 0;

  /** @param position in frames, when it is asked for */
  constructor(id: string, connection: Connection, position: () => number) {
    this.#id = id;
    this.#connection = connection;
    this.#position = position;
  }

  /** The number of the last message that was sent. */
  get seq(): number {
    return this.#seq;
  }

  /** For a session that goes on where this one stopped. */
  get continued(): NonNullable<OpenParameters['continuedSessions']>[number] {
    return { id: this.#id, serverseq: this.#serverSeq, clientseq: this.#seq };
  }

  /** Sends a message, which is on its way at once, in order with everything else that is sent. Resolves when it has been taken. */
  async tell<Type extends keyof ClientParameters>(
    type: Type,
    parameters: ClientParameters[Type],
  ): Promise<void> {
    this.#seq += 1;
    const message = {
      version: '2',
      id: this.#id,
      type,
      seq: this.#seq,
      serverseq: this.#serverSeq,
      position: durationOf(this.#position()),
      parameters,
    };
    await this.#connection.send(JSON.stringify(message));
  }

  complain(code: ErrorCode, message: string): void {
    this.#complaints += 1;
    if (this.#complaints <= COMPLAINTS_MAX) void this.tell('error', { code, message }).catch(() => undefined);
  }

  /** @returns undefined for what is no message of this session’s server; that is complained about */
  take(text: string): ServerMessage | undefined {
    const message = parseServerMessage(text, this.#id);
    if (message === undefined || message.clientSeq > this.#seq) {
      this.complain(400, 'no message of a server for this session');
      return undefined;
    }
    this.#serverSeq = Math.max(this.#serverSeq, message.seq);
    return message;
  }
}
