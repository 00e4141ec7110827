/** What is known of a contact, as plain JSON: between a recorder and the function that asks Connect for it. */
import * as v from 'valibot';
import { isFragmentNumber } from '../../matroska/tags.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import type { ContactAnswer } from './contacts.ts';

/** What the function is asked. */
export const ContactQuestion = v.object({ contactId: v.string(), instanceArn: v.string() });
export type ContactQuestion = v.InferOutput<typeof ContactQuestion>;

const Time = v.pipe(v.string(), v.maxLength(40), v.isoTimestamp());
const Resource = v.object({ arn: v.pipe(v.string(), v.maxLength(512)) });
const Digits = v.pipe(
  v.string(),
  v.check(isFragmentNumber, 'decimal digits'),
  v.transform(parseFragmentNumber),
);

const Answer = v.variant('known', [
  v.object({
    known: v.literal(true),
    facts: v.object({
      connectedToAgentAt: v.exactOptional(Time),
      disconnectedAt: v.exactOptional(Time),
      queue: v.exactOptional(Resource),
      agent: v.exactOptional(Resource),
    }),
    spans: v.pipe(
      v.array(v.object({ firstFragmentNumber: Digits, lastFragmentNumber: v.optional(Digits) })),
      v.transform((spans) =>
        spans.map(({ firstFragmentNumber, lastFragmentNumber }) => ({
          firstFragmentNumber,
          lastFragmentNumber,
        })),
      ),
    ),
  }),
  v.object({ known: v.literal(false), why: v.pipe(v.string(), v.maxLength(2_048)) }),
]);

/** An answer as JSON.stringify takes it. */
export function answerAsJson(answer: ContactAnswer) {
  if (!answer.known) return answer;
  const spans = answer.spans.map(({ firstFragmentNumber, lastFragmentNumber }) => ({
    firstFragmentNumber: firstFragmentNumber.toString(),
    ...(lastFragmentNumber !== undefined && { lastFragmentNumber: lastFragmentNumber.toString() }),
  }));
  return { known: true, facts: answer.facts, spans } as const;
}

/** What isn't an answer is "unknown", too. */
export function readAnswer(json: unknown): ContactAnswer {
  const { success, output } = v.safeParse(Answer, json);
  return success ? output : { known: false, why: 'the function that asks Connect gave no answer' };
}
