/** Writing to whoever reads a stream, for as long as a call lasts. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { StreamSink } from '../../live/sinks/stream-sink.ts';

/** A reader whose end is asked for. */
function reader() {
  let leave: (error: Error) => void = () => undefined;
  let asked = 0;
  const end = new Promise<void>((_, reject) => (leave = reject));
  const done: Promise<void> = Object.assign(Object.create(end) as Promise<void>, {
    then: (...args: Parameters<Promise<void>['then']>) => {
      asked += 1;
      return end.then(...args);
    },
    catch: (...args: Parameters<Promise<void>['catch']>) => {
      asked += 1;
      return end.catch(...args);
    },
  });
  const stream = new PassThrough({ highWaterMark: 100 });
  return {
    stream,
    done,
    close: () => undefined,
    asked: () => asked,
    leave: (error: Error) => {
      leave(error);
    },
  };
}

test('what is held for the reader’s end doesn’t grow with what is written', async () => {
  const one = reader();
  const sink = new StreamSink(one);
  one.stream.resume();
  const before = one.asked();
  for (let second = 0; second < 500; second += 1) await sink.audio(second * 20, new Uint8Array(80));
  expect(one.asked()).toBe(before);
});

test('a write that waits is told when the reader leaves, and so is each one after it', async () => {
  const one = reader();
  const sink = new StreamSink(one);
  const waits = sink.audio(0, new Uint8Array(400));
  one.leave(new Error('gone'));
  await expect(waits).rejects.toThrow('gone');
  await expect(sink.audio(100, new Uint8Array(4))).rejects.toThrow('gone');
  expect(sink.safe).toBe(0);
});
