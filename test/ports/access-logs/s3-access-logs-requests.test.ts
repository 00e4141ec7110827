/** What is asked of S3 for its logs, and what becomes of logs that are odd, or gone. */
import { expect, test } from 'vitest';
import type { LoggedRequest } from '../../../ports/access-logs/access-logs.ts';
import { S3AccessLogs } from '../../../ports/access-logs/s3-access-logs.ts';
import { accessLogLine, loggingInto } from '../../support/access-log.ts';
import type { Answer, Asked } from '../../support/answering.ts';
import { answeringS3, refusal, xml } from '../../support/answering-s3.ts';

const WITHOUT_FOLDERS =
  '<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>access/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>';
const keys = (...names: readonly string[]) =>
  xml(
    `<ListBucketResult>${names.map((name) => `<Contents><Key>${name}</Key></Contents>`).join('')}</ListBucketResult>`,
  );
const prefixes = (...names: readonly string[]) =>
  xml(
    `<ListBucketResult>${names.map((name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`,
  );
const line = (key: string) => accessLogLine({ bucket: 'mine', key, at: new Date('2026-03-01T09:00:00Z') });
/** Without all that is behind its bytes. */
const short = (key: string) => line(key).replace(/ 1 9 8 .*$/, '');

/** @param list what a listing answers. @param object what an object of the logs does */
async function given(
  logging: string,
  list: (asked: Readonly<Record<string, string>>) => Answer = () => keys(),
  object: (asked: Asked) => Answer = () => ({}),
) {
  const { client, requests } = await answeringS3((asked) => {
    const { searchParams } = asked.url;
    if (searchParams.has('logging')) return xml(logging);
    return searchParams.has('list-type') ? list(Object.fromEntries(searchParams)) : object(asked);
  });
  const logs = new S3AccessLogs(client, 'mine');
  const read = async (from = '2026-03-01T12:00:00Z') => {
    const taken: (LoggedRequest | undefined)[] = [];
    await logs.read(Date.parse(from), (request) => taken.push(request));
    return taken.map((request) => request?.key);
  };
  const listings = () =>
    requests.flatMap(({ url: { pathname, searchParams } }) =>
      searchParams.has('list-type') ? [{ pathname, ...Object.fromEntries(searchParams) }] : [],
    );
  return { logs, read, requests, listings };
}

test('where the logs are is asked once', async () => {
  const { logs, read, requests } = await given(WITHOUT_FOLDERS);
  expect(await logs.place()).toBe('s3://logs/access/');
  expect(await logs.place()).toBe('s3://logs/access/');
  await read();
  expect(requests.filter(({ url }) => url.searchParams.has('logging'))).toHaveLength(1);
});

test('logs that nobody says the bucket of are none, and those without a prefix lie at its top', async () => {
  const none = await given('<BucketLoggingStatus><LoggingEnabled></LoggingEnabled></BucketLoggingStatus>');
  expect(await none.logs.place()).toBeUndefined();
  expect([await none.read(), none.listings()]).toEqual([[], []]);
  const atTop = await given(WITHOUT_FOLDERS.replace(/<TargetPrefix>.*<.TargetPrefix>/, ''));
  expect(await atTop.logs.place()).toBe('s3://logs/');
  await atTop.read();
  expect(atTop.listings()).toMatchObject([{ pathname: '/logs/', prefix: '', 'start-after': '2026-03-01' }]);
});

test('a listing begins at the day that is asked for, folder by folder where there are such', async () => {
  const flat = await given(WITHOUT_FOLDERS);
  await flat.read();
  expect(flat.listings()).toMatchObject([
    { pathname: '/logs/', prefix: 'access/', 'start-after': 'access/2026-03-01' },
  ]);

  const byDay = await given(loggingInto('logs'), ({ prefix = '', delimiter }) => {
    if (delimiter === undefined) return keys();
    return prefix === 'access/'
      ? prefixes('access/1/', 'access/2/')
      : xml(
          `<ListBucketResult><CommonPrefixes></CommonPrefixes><CommonPrefixes><Prefix>${prefix}eu-west-2/</Prefix></CommonPrefixes></ListBucketResult>`,
        );
  });
  await byDay.read();
  expect(
    byDay
      .listings()
      .map((asked: Readonly<Record<string, string>>) => [
        asked.prefix,
        asked.delimiter,
        asked['start-after'],
      ]),
  ).toEqual([
    ['access/', '/', undefined],
    ['access/1/', '/', undefined],
    ['access/2/', '/', undefined],
    ['access/1/eu-west-2/mine/', undefined, 'access/1/eu-west-2/mine/2026/03/01'],
    ['access/2/eu-west-2/mine/', undefined, 'access/2/eu-west-2/mine/2026/03/01'],
  ]);
});

test('an object that has expired since it was listed is passed over, and what refuses is not', async () => {
  const list = () =>
    xml(
      '<ListBucketResult><Contents></Contents><Contents><Key>gone</Key></Contents><Contents><Key>there</Key></Contents></ListBucketResult>',
    );
  const some = await given(WITHOUT_FOLDERS, list, ({ url }) =>
    url.pathname.endsWith('gone') ? refusal('NoSuchKey', 404) : { body: line('a') },
  );
  expect(await some.read()).toEqual(['a']);
  const refused = await given(WITHOUT_FOLDERS, list, () => refusal('AccessDenied', 403));
  await expect(refused.read()).rejects.toMatchObject({ name: 'AccessDenied' });
});

test.each([
  ['ends of either kind, and none', `${line('a')}\n${line('b')}\r\n\n${line('c')}`, ['a', 'b', 'c']],
  ['an end behind the last', `${line('a')}\n`, ['a']],
  ['spaces at their end', `${line('a')}  \n${line('b')} `, ['a', 'b']],
  ['an end right behind what is read of them', `${short('a')}\r\n${short('b')}\r`, ['a', 'b']],
  ['one that is none', 'this is none\n', [undefined]],
  ['nothing', '', []],
])('lines have %s', async (_, body, expected) => {
  const { read } = await given(
    WITHOUT_FOLDERS,
    () => keys('one'),
    () => ({ body }),
  );
  expect(await read()).toEqual(expected);
});

test('a line that is longer than any is read no further, and those behind it are', async () => {
  const long = `${line('x'.repeat(200_000))}\n${line('b')}\n`;
  const { read } = await given(
    WITHOUT_FOLDERS,
    () => keys('one'),
    () => ({ body: `${line('a')}\n${long}` }),
  );
  const [first, ...rest] = await read();
  expect(first).toBe('a');
  expect(rest).not.toContain('x'.repeat(200_000));
  expect(rest.at(-1)).toBe('b');
});

test('a character whose bytes don’t come together is one all the same', async () => {
  const all = Array.from({ length: 200 }, (_, nth) => '€'.repeat(700) + String(nth));
  const { read } = await given(
    WITHOUT_FOLDERS,
    () => keys('one'),
    () => ({ body: all.map(line).join('\n') }),
  );
  expect(await read()).toEqual(all);
});
