import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/ask-connect/handler.ts';
import { type ConnectStandin, startConnect } from '../../../local/standins/connect.ts';
import { endpointOf } from '../../../local/standins/standin.ts';
import { ConnectContacts } from '../../../ports/contacts/connect-contacts.ts';
import type { Contacts } from '../../../ports/contacts/contacts.ts';
import { FunctionContacts } from '../../../ports/contacts/function-contacts.ts';
import { MemoryContacts } from '../../../ports/contacts/memory-contacts.ts';
import { silentTelemetry } from '../../../ports/runtime/telemetry.ts';
import type { ContactFacts } from '../../../recording/call-record.ts';
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER, STREAM_ARN } from '../../support/call.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

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
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const answer = await connectContacts(endpointOf(silent), 50).describe(CONTACT_ID);
    silent.closeAllConnections();
    silent.close();
    expect(answer).toMatchObject({ known: false });
  });

  it('says so where Connect refuses', async () => {
    const refusing = createServer((_, response) => {
      response.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' });
      response.end(JSON.stringify({ Message: 'no' }));
    });
    refusing.listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const answer = await connectContacts(endpointOf(refusing)).describe(CONTACT_ID);
    refusing.closeAllConnections();
    refusing.close();
    expect(answer).toEqual({ known: false, why: 'DescribeContact failed with AccessDeniedException: no' });
  });

  it('tells the fragments that the contact’s record names, of streams alone', async () => {
    const Recordings = [
      { StorageType: 'S3', Location: 'bucket/key' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: '11', FragmentStopNumber: '19' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: '25' },
      { StorageType: 'KINESIS_VIDEO_STREAM', FragmentStartNumber: 'eleven', FragmentStopNumber: '19' },
    ];
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Contact: { Id: CONTACT_ID, Recordings } }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = await connectContacts(endpointOf(server)).describe(CONTACT_ID);
    server.closeAllConnections();
    server.close();
    expect(answer).toMatchObject({
      spans: [
        { firstFragmentNumber: 11n, lastFragmentNumber: 19n },
        { firstFragmentNumber: 25n, lastFragmentNumber: undefined },
      ],
    });
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
    expect(contacts.asked).toBe(2);
  });
});

describe('FunctionContacts', () => {
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
