import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/ask-connect/handler.ts';
import { readAnswer } from '../../../ports/contacts/contact-answer.ts';
import type { ContactAnswer } from '../../../ports/contacts/contacts.ts';
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { invocation } from '../../support/invocation.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const OTHER_INSTANCE = INSTANCE_ARN.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

function asking(
  answer: ContactAnswer,
  instances: { readonly configured?: string } = { configured: INSTANCE_ARN },
) {
  const asked: string[][] = [];
  const telemetry = new RecordedTelemetry();
  const handler = createHandler({
    contactsOf: (instance) => ({
      describe: (contactId) => {
        asked.push([instance, contactId]);
        return Promise.resolve(answer);
      },
    }),
    instanceArn: instances.configured,
    telemetry,
  });
  return { handler, asked, telemetry };
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

  it('tells what is wrong with the question', async () => {
    const { handler } = asking(OVER);
    expect(await handler({})).toMatchObject({ why: expect.stringContaining('no contact') as unknown });
    const ofAnother = { contactId: CONTACT_ID, instanceArn: OTHER_INSTANCE };
    expect(await handler(ofAnother)).toMatchObject({
      why: expect.stringContaining('another instance') as unknown,
    });
  });

  it('asks any instance where none is configured', async () => {
    const { handler, asked } = asking(OVER, {});
    await handler({ contactId: CONTACT_ID, instanceArn: OTHER_INSTANCE });
    expect(asked).toEqual([[OTHER_INSTANCE, CONTACT_ID]]);
  });

  it('logs why Connect doesn’t say, for which contact, and in whose invocation', async () => {
    const { handler, telemetry } = asking({ known: false, why: 'throttled' });
    const question = { contactId: CONTACT_ID, instanceArn: INSTANCE_ARN };
    await handler(question, invocation('first'));
    await handler(question);
    expect(telemetry.invocations).toEqual(['first']);
    const warning = {
      level: 'warn',
      message: expect.stringContaining('Connect') as unknown,
      fields: { contactId: CONTACT_ID, why: 'throttled' },
    };
    expect(telemetry.lines).toEqual([warning, warning]);
  });

  it('logs nothing where Connect says', async () => {
    const { handler, telemetry } = asking(OVER);
    await handler({ contactId: CONTACT_ID, instanceArn: INSTANCE_ARN });
    expect(telemetry.lines).toEqual([]);
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
