/**
 * Asks Connect what it knows of a contact, for a recorder that can't reach it: one whose network has no IPv4. It fails at
 * nothing: what it can't find out is "unknown", and the recorder will ask again.
 */
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import type { Environment } from '../../contract/environment.ts';
import { optional } from '../../contract/environment.ts';
import { ASKS_CONNECT_VARIABLES } from '../../contract/variables.ts';
import { ConnectContacts } from '../../ports/contacts/connect-contacts.ts';
import { answerAsJson, ContactQuestion } from '../../ports/contacts/contact-answer.ts';
import type { Contacts } from '../../ports/contacts/contacts.ts';
import { powertoolsTelemetry } from '../../ports/runtime/powertools-telemetry.ts';
import type { FunctionTelemetry } from '../../ports/runtime/telemetry.ts';
import { ContactId, InstanceArn } from '../support/schema.ts';

export interface AskConnectDeps {
  readonly contactsOf: (instanceArn: string) => Contacts;
  /** The one whose contacts are asked for; undefined: any. */
  readonly instanceArn: string | undefined;
  readonly telemetry: FunctionTelemetry;
}

export type AskConnectHandler = (
  event: unknown,
  context?: Context,
) => Promise<ReturnType<typeof answerAsJson>>;

const Question = v.object({ ...ContactQuestion.entries, contactId: ContactId, instanceArn: InstanceArn });
/** Below what the recorder waits for. */
const TIMEOUT_MS = 4_000;

export function createHandler({ contactsOf, instanceArn, telemetry }: AskConnectDeps): AskConnectHandler {
  return async (event, context) => {
    if (context !== undefined) telemetry.invoked(context);
    const { success, output } = v.safeParse(Question, event);
    if (!success) return { known: false, why: 'the question names no contact of an instance' };
    if (instanceArn !== undefined && output.instanceArn !== instanceArn) {
      return { known: false, why: 'the contact is of another instance' };
    }
    const { contactId } = output;
    const answer = await contactsOf(output.instanceArn).describe(contactId);
    if (!answer.known) telemetry.warn('Connect doesn’t say', { contactId, why: answer.why });
    return answerAsJson(answer);
  };
}

export function handlerFromEnvironment(env: Environment): AskConnectHandler {
  return createHandler({
    contactsOf: (instanceArn) => new ConnectContacts({ instanceArn, timeoutMs: TIMEOUT_MS }),
    instanceArn: optional(env, ASKS_CONNECT_VARIABLES.instanceArn),
    telemetry: powertoolsTelemetry(env),
  });
}

let configured: AskConnectHandler | undefined;

/** One handler a container. */
export const handler: AskConnectHandler = async (event, context) => {
  configured ??= handlerFromEnvironment(process.env);
  return configured(event, context);
};
