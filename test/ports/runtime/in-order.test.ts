import { describe, expect, it } from 'vitest';
import { InOrder } from '../../../ports/runtime/in-order.ts';
import { settled } from '../../support/manual-clock.ts';

/** Work that is done when it is told to. */
function held() {
  const running = new Map<string, { done: () => void; fail: (error: Error) => void }>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      running.set(name, {
        done: () => {
          resolve(name);
        },
        fail: reject,
      });
    });
  return { running, work };
}

describe('InOrder', () => {
  it('begins some side by side, and hands results out in the order in which they were asked for', async () => {
    let moves = 0;
    const { running, work } = held();
    const inOrder = new InOrder<string>(2, () => (moves += 1));
    for (const name of ['a', 'b', 'c']) inOrder.add(work(name));
    expect([...running.keys()]).toEqual(['a', 'b']);
    running.get('b')?.done();
    await settled();
    expect([...running.keys()]).toEqual(['a', 'b', 'c']);
    expect([inOrder.takeDone(), inOrder.size, moves]).toEqual([[], 3, 1]);
    running.get('a')?.done();
    await settled();
    expect([inOrder.takeDone(), inOrder.size, inOrder.running]).toEqual([['a', 'b'], 1, 1]);
  });

  it('gives what is under way already its place, and no one else’s room', async () => {
    const { running, work } = held();
    let moves = 0;
    const inOrder = new InOrder<string>(1, () => (moves += 1));
    inOrder.join(work('hole')());
    inOrder.add(work('a'));
    running.get('a')?.done();
    await settled();
    expect([inOrder.takeDone(), inOrder.running]).toEqual([[], 1]);
    running.get('hole')?.done();
    await settled();
    expect([inOrder.takeDone(), inOrder.running, moves]).toEqual([['hole', 'a'], 0, 2]);
  });

  it('begins nothing more once something has failed, and keeps what was done before it', async () => {
    const { running, work } = held();
    const inOrder = new InOrder<string>(2, () => undefined);
    for (const name of ['a', 'b', 'c']) inOrder.add(work(name));
    running.get('b')?.fail(new Error('no room'));
    running.get('a')?.done();
    await settled();
    expect(inOrder.failure?.error).toEqual(new Error('no room'));
    expect([...running.keys()]).toEqual(['a', 'b']);
    expect([inOrder.takeDone(), inOrder.running]).toEqual([['a'], 0]);
  });
});
