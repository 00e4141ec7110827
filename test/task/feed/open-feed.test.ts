import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LIVE_VARIABLES } from '../../../contract/variables.ts';
import { openFeed } from '../../../task/feed/open-feed.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ownOfEachTest } from '../../support/own-of-test.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const own = ownOfEachTest();

function open(path?: string) {
  const telemetry = new RecordedTelemetry();
  const env = { [LIVE_VARIABLES.feedSocket]: path };
  return { lines: telemetry.lines, feed: openFeed(env, new ManualClock(), telemetry) };
}

it('is none where nobody asks for one', async () => {
  for (const path of [undefined, ' ']) {
    const { feed, lines } = open(path);
    expect([await feed, lines]).toEqual([undefined, []]);
  }
});

it('listens where it is asked to, whatever an earlier task has left behind there', async () => {
  const path = join(own.dir, 'feed.sock');
  await writeFile(path, 'of an earlier task');
  const feed = await open(path).feed;
  own.closeAfter(() => feed?.end());
  const socket = connect({ path });
  await once(socket, 'connect');
  socket.destroy();
});

it('is none where it can’t be opened, and the task says so', async () => {
  const { feed, lines } = open(join(own.dir, 'no such folder', 'feed.sock'));
  expect(await feed).toBeUndefined();
  expect(lines).toMatchObject([
    {
      level: 'error',
      message: 'the feed can’t be opened; recording goes on without it',
      error: { syscall: 'listen' },
    },
  ]);
});
