/** The doctor on copies of recordings. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { copies } from '../../../cli/doctor/checks/copies.ts';
import { Clients } from '../../../cli/doctor/findings/clients.ts';
import { Deployed } from '../../../cli/doctor/findings/deployed.ts';
import { type Proxy, type RequestFate, startProxy } from '../../../local/standins/proxy.ts';
import type { Standin } from '../../../local/standins/standin.ts';
import { TableCallQueries } from '../../../ports/calls/call-queries.ts';
import { callsTableOf } from '../../support/calls-table.ts';
import { record } from '../report/content.ts';
import { ACCOUNT, inGoodOrder, PREFIX, REGION, startAccount } from './account.ts';

const STARTED_AT = '2026-03-14T09:00:00.000Z';
const NOW_MS = Date.parse('2026-03-14T12:00:00.000Z');
const RULE = (status = 'Enabled') =>
  `<ReplicationConfiguration><Rule><Status>${status}</Status><Filter><Prefix>recordings/</Prefix></Filter><Destination><Bucket>arn:aws:s3:::their-copies</Bucket></Destination></Rule></ReplicationConfiguration>`;
const VERSIONED = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

interface S3 {
  rules: RequestFate;
  versioning: RequestFate;
  head: RequestFate;
}
const answer = (body: string, headers: Record<string, string> = {}, statusCode = 200): RequestFate => ({
  kind: 'answer',
  statusCode,
  body,
  headers: { 'content-type': 'application/xml', ...headers },
});
const refused = answer('<Error><Code>AccessDenied</Code><Message>no</Message></Error>', {}, 403);

let s3: S3;
let asked: string[];
let account: Standin;
let proxy: Proxy;
beforeEach(async () => {
  s3 = {
    rules: answer(RULE()),
    versioning: answer(VERSIONED),
    head: answer('', { 'x-amz-replication-status': 'COMPLETED' }),
  };
  asked = [];
  account = await startAccount(inGoodOrder());
  proxy = await startProxy(account.url, {
    request: ({ method, path }) => {
      asked.push(`${method} ${path}`);
      if (method === 'HEAD') return s3.head;
      return path.includes('replication') ? s3.rules : s3.versioning;
    },
  });
  vi.stubEnv('AWS_ENDPOINT_URL', account.url);
  vi.stubEnv('AWS_ENDPOINT_URL_S3', proxy.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await account.close();
});

async function look(): Promise<string> {
  const clients = new Clients({ region: REGION });
  const call = record({ status: 'COMPLETE', startedAt: STARTED_AT, day: STARTED_AT.slice(0, 10) });
  const queries = new TableCallQueries(callsTableOf([call]));
  try {
    const check = copies({ queries, sinceMs: NOW_MS - 86_400_000, nowMs: NOW_MS, bucket: undefined });
    const found = await check(new Deployed(PREFIX, clients));
    return found.map(({ severity, what }) => `${severity} ${what}`).join('\n');
  } finally {
    clients.close();
  }
}

it('finds them in order, and asks the deployment’s bucket, the copies’ and the latest recordings', async () => {
  expect(await look()).toBe('OK recordings are copied to s3://their-copies');
  const bucket = `${PREFIX}-${ACCOUNT}-${REGION}`;
  expect(asked.map((one) => one.split('?')[0])).toEqual([
    `GET /${bucket}/`,
    'GET /their-copies/',
    expect.stringMatching(new RegExp(`^HEAD /${bucket}/recordings/2026/03/14/.*\\.wav$`)),
  ]);
});

it.each([
  [
    'where there are none',
    { rules: answer('<Error><Code>ReplicationConfigurationNotFoundError</Code></Error>', {}, 404) },
    'OK no copies of recordings are set up',
  ],
  [
    'where there are none that the doctor’s policy knows of',
    { rules: refused },
    'OK no copies of recordings are set up',
  ],
  ['a rule that is off', { rules: answer(RULE('Disabled')) }, 'WARNING no rule that is on copies recordings'],
  [
    'a bucket without versions',
    { versioning: answer('<VersioningConfiguration/>') },
    'WARNING recordings are not copied: s3://their-copies keeps no versions',
  ],
  ['a bucket that may not be looked at', { versioning: refused }, 'UNKNOWN you may not look'],
  [
    'what could not be copied',
    { head: answer('', { 'x-amz-replication-status': 'FAILED' }) },
    'could not be copied',
  ],
  [
    'what waits for long',
    {
      head: answer('', {
        'x-amz-replication-status': 'PENDING',
        'last-modified': 'Sat, 14 Mar 2026 09:05:00 GMT',
      }),
    },
    'waits to be copied for more than an hour',
  ],
  [
    'what waits, as everything does for a while',
    {
      head: answer('', {
        'x-amz-replication-status': 'PENDING',
        'last-modified': 'Sat, 14 Mar 2026 11:55:00 GMT',
      }),
    },
    'OK recordings are copied',
  ],
  ['a recording that is gone', { head: answer('', {}, 404) }, 'OK recordings are copied'],
] satisfies (readonly [string, Partial<S3>, string])[])('tells of %s', async (_, changed, expected) => {
  Object.assign(s3, changed);

  expect(await look()).toContain(expected);
});
