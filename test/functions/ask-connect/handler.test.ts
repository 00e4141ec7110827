import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/ask-connect/handler.ts';
import { readAnswer } from '../../../ports/contacts/contact-answer.ts';
import type { ContactAnswer } from '../../../ports/contacts/contacts.ts';
import { silentTelemetry } from '../../../ports/runtime/telemetry.ts';
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER } from '../../support/call.ts';

const OTHER_INSTANCE = INSTANCE_ARN.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

function asking(answer: ContactAnswer, instanceArn: string | undefined = INSTANCE_ARN) {
  const asked: string[][] = [];
  const handler = createHandler({
    contactsOf: (instance) => ({
      describe: (contactId) => {
        asked.push([instance, contactId]);
        return Promise.resolve(answer);
      },
    }),
    instanceArn,
    telemetry: { ...silentTelemetry, invoked: () => undefined },
  });
  return { handler, asked };
}

const OVER: ContactAnswer = {
  known: true,
  facts: { disconnectedAt: '2026-03-14T09:26:53.589Z', queue: { arn: `${INSTANCE_ARN}/queue/q` } },
  spans: [{ firstFragmentNumber: START_FRAGMENT_NUMBER, lastFragmentNumber: START_FRAGMENT_NUMBER + 9n }],
};

describe('the function that asks Connect', () => {
  it.each([OVER, { known: false, why: 'throttled' }] satisfies ContactAnswer[])(
    'hands on what Connect says: %o',
    async (answer) => {
      const { handler, asked } = asking(answer);
      const json = JSON.stringify(await handler({ contactId: CONTACT_ID, instanceArn: INSTANCE_ARN }));
      expect(readAnswer(JSON.parse(json))).toEqual(answer);
      expect(asked).toEqual([[INSTANCE_ARN, CONTACT_ID]]);
    },
  );

  it.each([
    null,
    { contactId: CONTACT_ID },
    { contactId: '../x', instanceArn: INSTANCE_ARN },
    { contactId: CONTACT_ID, instanceArn: OTHER_INSTANCE },
  ])('asks nothing for %o', async (event) => {
    const { handler, asked } = asking(OVER);
    expect(await handler(event)).toMatchObject({ known: false });
    expect(asked).toEqual([]);
  });
});

describe('an answer that is none', () => {
  it.each([
    null,
    'over',
    { known: true },
    { known: true, facts: { disconnectedAt: 'now' }, spans: [] },
    { known: true, facts: {}, spans: [{ firstFragmentNumber: 'x' }] },
  ])('is unknown: %o', (json) => {
    expect(readAnswer(json)).toMatchObject({ known: false });
  });
});
