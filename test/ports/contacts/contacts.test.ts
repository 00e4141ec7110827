import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/ask-connect/handler.ts';
import { type ConnectStandin, startConnect } from '../../../local/standins/connect.ts';
import { endpointOf } from '../../../local/standins/standin.ts';
import { ConnectContacts } from '../../../ports/contacts/connect-contacts.ts';
import { answerAsJson, readAnswer } from '../../../ports/contacts/contact-answer.ts';
import type { ContactAnswer, Contacts } from '../../../ports/contacts/contacts.ts';
import { FunctionContacts } from '../../../ports/contacts/function-contacts.ts';
import { MemoryContacts } from '../../../ports/contacts/memory-contacts.ts';
import { silentTelemetry } from '../../../ports/runtime/telemetry.ts';
import type { ContactFacts } from '../../../recording/call-record.ts';
import { answering } from '../../support/answering.ts';
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER, STREAM_ARN } from '../../support/call.ts';
import { gate } from '../../support/gate.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const AT_MS = Date.parse('2026-03-14T09:26:53.589Z');
const QUEUE_ID = '2a0c4b1e-8f3d-4c55-9b1a-7e6d5c4b3a29';
const AGENT_ID = '6c1d9e2f-3a4b-4c5d-8e6f-7a8b9c0d1e2f';

/** The contact has one streaming session, which goes on. */
const SPANS = [{ firstFragmentNumber: START_FRAGMENT_NUMBER, lastFragmentNumber: undefined }];

interface ContactsUnderTest {
  readonly contacts: Contacts;
  /** Tells of CONTACT_ID, once it is connected to an agent. */
  readonly tell: (disconnectedAtMs: number | undefined) => void;
  readonly close: () => Promise<void>;
}

function connectContacts(url: string, timeoutMs = 5_000, instanceArn = INSTANCE_ARN): ConnectContacts {
  return new ConnectContacts({
    instanceArn,
    timeoutMs,
    client: { endpoint: url, region: REGION, credentials: CREDENTIALS },
  });
}

function tellerOf(connect: ConnectStandin): ContactsUnderTest['tell'] {
  return (disconnectedAtMs) => {
    connect.tell({
      contactId: CONTACT_ID,
      initiatedAtMs: AT_MS - 5_000,
      queueId: QUEUE_ID,
      agentId: AGENT_ID,
      connectedToAgentAtMs: AT_MS,
      streamArn: STREAM_ARN,
      firstFragmentNumber: START_FRAGMENT_NUMBER,
      ...(disconnectedAtMs !== undefined && { disconnectedAtMs }),
    });
  };
}

function functionContacts(url: string, timeoutMs = 5_000): FunctionContacts {
  return new FunctionContacts({
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:callspool-ask-connect',
    instanceArn: INSTANCE_ARN,
    timeoutMs,
    client: { endpoint: url, region: REGION, credentials: CREDENTIALS },
  });
}

/** Lambda, with one function. */
async function startFunction(answer: (event: unknown) => Promise<{ body: unknown; failed?: true }>) {
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const { body, failed } = await answer(JSON.parse(text));
      if (failed) response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify(body));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: endpointOf(server),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function describeContacts(name: string, make: () => Promise<ContactsUnderTest>): void {
  describe(name, () => {
    let under: ContactsUnderTest | undefined;
    afterEach(async () => {
      await under?.close();
      under = undefined;
    });

    const connected: ContactFacts = {
      connectedToAgentAt: new Date(AT_MS).toISOString(),
      queue: { arn: `${INSTANCE_ARN}/queue/${QUEUE_ID}` },
      agent: { arn: `${INSTANCE_ARN}/agent/${AGENT_ID}` },
    };

    it('tells of a contact that goes on', async () => {
      under = await make();
      under.tell(undefined);
      expect(await under.contacts.describe(CONTACT_ID)).toEqual({
        known: true,
        facts: connected,
        spans: SPANS,
      });
    });

    it('tells when a contact was disconnected', async () => {
      under = await make();
      under.tell(AT_MS + 61_234);
      const facts = { ...connected, disconnectedAt: new Date(AT_MS + 61_234).toISOString() };
      expect(await under.contacts.describe(CONTACT_ID)).toEqual({ known: true, facts, spans: SPANS });
    });

    it('says that it doesn’t know a contact', async () => {
      under = await make();
      expect(await under.contacts.describe(CONTACT_ID)).toMatchObject({
        known: false,
        why: expect.any(String) as string,
      });
    });
  });
}

describeContacts('ConnectContacts', async () => {
  const connect = await startConnect(INSTANCE_ARN);
  return {
    contacts: connectContacts(connect.url),
    tell: tellerOf(connect),
    close: () => connect.close(),
  };
});

describeContacts('FunctionContacts', async () => {
  const connect = await startConnect(INSTANCE_ARN);
  const asks = createHandler({
    contactsOf: (instanceArn) => connectContacts(connect.url, 5_000, instanceArn),
    instanceArn: INSTANCE_ARN,
    telemetry: { ...silentTelemetry, invoked: () => undefined },
  });
  const lambda = await startFunction(async (event) => ({ body: await asks(event) }));
  return {
    contacts: functionContacts(lambda.url),
    tell: tellerOf(connect),
    close: async () => {
      await lambda.close();
      await connect.close();
    },
  };
});

describeContacts('MemoryContacts', () => {
  const contacts = new MemoryContacts();
  return Promise.resolve({
    contacts,
    tell: (disconnectedAtMs) => {
      contacts.set(
        CONTACT_ID,
        {
          connectedToAgentAt: new Date(AT_MS).toISOString(),
          queue: { arn: `${INSTANCE_ARN}/queue/${QUEUE_ID}` },
          agent: { arn: `${INSTANCE_ARN}/agent/${AGENT_ID}` },
          ...(disconnectedAtMs !== undefined && { disconnectedAt: new Date(disconnectedAtMs).toISOString() }),
        },
        SPANS,
      );
    },
    close: () => Promise.resolve(),
  });
});

describe('ConnectContacts', () => {
  it('says so where Connect can’t be reached', async () => {
    const answer = await connectContacts('http://127.0.0.1:1').describe(CONTACT_ID);
    expect(answer).toMatchObject({ known: false, why: expect.stringContaining('ECONNREFUSED') as string });
  });

  it('says so where Connect doesn’t answer in time', async () => {
    const held = gate();
    const { url } = await answering(async () => {
      await held.passed;
      return {};
    });
    expect(await connectContacts(url, 50).describe(CONTACT_ID)).toMatchObject({ known: false });
    held.open();
  });

  it('says so where Connect refuses', async () => {
    const { url } = await answering(() => ({
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: { Message: 'no' },
    }));
    expect(await connectContacts(url).describe(CONTACT_ID)).toEqual({
      known: false,
      why: 'DescribeContact failed with AccessDeniedException: no',
    });
  });

  it('tells the fragments that the contact’s record names, of streams alone', async () => {
    const Recordings = [
      { StorageType: 'S3', Location: 'bucket/key' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: '11', FragmentStopNumber: '19' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: '25' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: 'eleven', FragmentStopNumber: '19' },
    ];
    const { url } = await answering(() => ({
      headers: JSON_TYPE,
      body: { Contact: { Id: CONTACT_ID, Recordings } },
    }));
    expect(await connectContacts(url).describe(CONTACT_ID)).toMatchObject({
      spans: [
        { firstFragmentNumber: 11n, lastFragmentNumber: 19n },
        { firstFragmentNumber: 25n, lastFragmentNumber: undefined },
      ],
    });
  });

  it('says so where Connect says nothing of the contact', async () => {
    const { url } = await answering(() => ({ headers: JSON_TYPE, body: {} }));
    const answer = await connectContacts(url).describe(CONTACT_ID);
    expect(answer).toEqual({ known: false, why: 'DescribeContact gave no contact' });
  });

  it.each([
    [{}, {}],
    [{ AgentInfo: {}, QueueInfo: {} }, {}],
    [{ AgentInfo: { Id: 'agent' } }, { agent: { arn: `${INSTANCE_ARN}/agent/agent` } }],
  ])('tells no more than Connect does: %o', async (Contact, facts) => {
    const { url } = await answering(() => ({ headers: JSON_TYPE, body: { Contact } }));
    expect(await connectContacts(url).describe(CONTACT_ID)).toStrictEqual({ known: true, facts, spans: [] });
  });

  it('takes no recording for a stream that isn’t one, or has not begun', async () => {
    const Recordings = [
      { StorageType: 'S3', FragmentStartNumber: '11' },
      { StorageType: 'KINESIS_VIDEO_STREAM' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStopNumber: '12' },
    ];
    const { url } = await answering(() => ({ headers: JSON_TYPE, body: { Contact: { Recordings } } }));
    expect(await connectContacts(url).describe(CONTACT_ID)).toMatchObject({ known: true, spans: [] });
  });

  it('says so where the instance’s ARN is none', async () => {
    const answer = await connectContacts('http://127.0.0.1:1', 50, 'my instance').describe(CONTACT_ID);
    expect(answer).toMatchObject({ known: false, why: expect.stringContaining('ARN') as string });
  });
});

describe('MemoryContacts', () => {
  it('counts what it is asked, and refuses while it is told to', async () => {
    const contacts = new MemoryContacts();
    contacts.set(CONTACT_ID, {});
    contacts.refuse('throttled');
    expect(await contacts.describe(CONTACT_ID)).toEqual({ known: false, why: 'throttled' });
    contacts.refuse(undefined);
    expect(await contacts.describe(CONTACT_ID)).toEqual({ known: true, facts: {}, spans: [] });
    expect(await contacts.describe('another')).toMatchObject({
      known: false,
      why: expect.stringContaining('no such contact') as string,
    });
    expect(contacts.asked).toBe(3);
  });
});

describe('what is known of a contact, as JSON', () => {
  it.each<ContactAnswer>([
    { known: false, why: 'throttled' },
    { known: true, facts: {}, spans: [] },
    {
      known: true,
      facts: { disconnectedAt: new Date(AT_MS).toISOString(), queue: { arn: 'q' } },
      spans: [
        { firstFragmentNumber: 11n, lastFragmentNumber: 19n },
        { firstFragmentNumber: 25n, lastFragmentNumber: undefined },
      ],
    },
  ])('is the same again when it is read: %o', (answer) => {
    expect(readAnswer(JSON.parse(JSON.stringify(answerAsJson(answer))))).toEqual(answer);
  });

  it('leaves out the end of a stream that goes on', () => {
    const spans = [{ firstFragmentNumber: 25n, lastFragmentNumber: undefined }];
    const json = { known: true, facts: {}, spans: [{ firstFragmentNumber: '25' }] };
    expect(answerAsJson({ known: true, facts: {}, spans })).toStrictEqual(json);
  });
});

describe('FunctionContacts', () => {
  it('gives up a function that doesn’t answer in time', async () => {
    const held = gate();
    const { url } = await answering(async () => {
      await held.passed;
      return {};
    });
    expect(await functionContacts(url, 50).describe(CONTACT_ID)).toMatchObject({
      known: false,
      why: expect.stringMatching(/^asking Connect by a function failed with \w+/) as string,
    });
    held.open();
  });

  it('takes no answer at all for none', async () => {
    const { url } = await answering(() => ({}));
    expect(await functionContacts(url).describe(CONTACT_ID)).toMatchObject({ known: false });
  });

  it('says so where Lambda can’t be reached', async () => {
    const answer = await functionContacts('http://127.0.0.1:1').describe(CONTACT_ID);
    expect(answer).toMatchObject({ known: false, why: expect.stringContaining('ECONNREFUSED') as string });
  });

  it.each([
    [{ body: { errorMessage: 'x' }, failed: true }, /its log says why/],
    [{ body: { facts: {} } }, /gave no answer/],
  ] as const)('says so where the function answers %o', async (answer, why) => {
    const lambda = await startFunction(() => Promise.resolve(answer));
    try {
      expect(await functionContacts(lambda.url).describe(CONTACT_ID)).toMatchObject({
        known: false,
        why: expect.stringMatching(why) as string,
      });
    } finally {
      await lambda.close();
    }
  });
});
