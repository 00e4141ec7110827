import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { type ContactQuestion, readAnswer } from './contact-answer.ts';
import type { ContactAnswer, Contacts } from './contacts.ts';

export interface FunctionContactsOptions {
  readonly functionArn: string;
  /** `arn:aws:connect:<region>:<account>:instance/<instance id>` */
  readonly instanceArn: string;
  /** How long to wait for an answer, with all that it takes. */
  readonly timeoutMs: number;
  /** Set where it isn't to come in the SDK's standard way. */
  readonly client?: Pick<LambdaClientConfig, 'region' | 'credentials' | 'endpoint'>;
}

/** Contacts of an Amazon Connect instance that can't be reached from here: a function asks it. */
export class FunctionContacts implements Contacts {
  readonly #client: LambdaClient;
  readonly #options: FunctionContactsOptions;

  constructor(options: FunctionContactsOptions) {
    this.#options = options;
    this.#client = new LambdaClient({
      ...options.client,
      // Two calls a second are allowed for the whole instance; whoever asks will ask again.
      maxAttempts: 1,
    });
  }

  async describe(contactId: string): Promise<ContactAnswer> {
    const { functionArn, instanceArn, timeoutMs } = this.#options;
    const question: ContactQuestion = { contactId, instanceArn };
    const command = new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(question) });
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const { FunctionError, Payload } = await this.#client.send(command, { abortSignal });
      if (FunctionError !== undefined) {
        return { known: false, why: 'the function that asks Connect failed; its log says why' };
      }
      return readAnswer(JSON.parse(Payload?.transformToString() ?? 'null'));
    } catch (error) {
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { known: false, why: `asking Connect by a function failed with ${what}` };
    }
  }
}
