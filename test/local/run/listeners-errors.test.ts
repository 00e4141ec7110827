/** What of a listener's standard error is for whoever runs it, and what is its log. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { splitErrors } from '../../../local/run/listeners-errors.ts';

async function split(...lines: readonly string[]) {
  const stream = new PassThrough();
  const [logged, told]: [string[], string[]] = [[], []];
  splitErrors(stream, { log: (line) => logged.push(line), tell: (line) => told.push(line) });
  const ended = once(stream, 'close');
  stream.end(lines.map((line) => `${line}\n`).join(''));
  await ended;
  return { logged, told };
}

const REFUSED = JSON.stringify({ level: 'WARN', message: 'nobody is there', what: 'it answered 404' });
const FAILED = JSON.stringify({ level: 'ERROR', message: 'it can’t begin', error: { message: 'no room' } });

test('a program’s own lines are told as they are, though they look like a log’s', async () => {
  const own = ['Traceback', '{"level": 3}', '{', '{"text": "a word"}', ''];
  expect(await split(...own)).toEqual({ logged: [], told: own });
});

test('the log’s are logged, and told in words, each once', async () => {
  const { logged, told } = await split(REFUSED, 'mine', FAILED, REFUSED);
  expect(logged).toEqual([REFUSED, FAILED, REFUSED]);
  expect(told).toEqual([
    'callspool: nobody is there: it answered 404',
    'mine',
    'callspool: it can’t begin: no room',
  ]);
});

test('a line of the log is one, whatever its words hold, and orders nothing of the terminal', async () => {
  const line = JSON.stringify({
    level: 'WARN',
    message: 'refused',
    error: { message: 'a\u2028b\u001b[2J\r\n' },
  });
  expect(await split(line)).toEqual({
    logged: [line],
    told: ['callspool: refused: a\ufffdb\ufffd[2J\ufffd\ufffd'],
  });
});

test('a program’s lines may end as on Windows, or as those of a bar that shows progress; the last has no end', async () => {
  const stream = new PassThrough();
  const told: string[] = [];
  splitErrors(stream, { log: expect.unreachable, tell: (line) => told.push(line) });
  const ended = once(stream, 'close');
  for (const chunk of ['10 %\r2', '0 %\r', '\nor so\r\n', 'killed']) stream.write(chunk);
  stream.end();
  await ended;
  expect(told).toEqual(['10 %', '20 %', 'or so', 'killed']);
});
