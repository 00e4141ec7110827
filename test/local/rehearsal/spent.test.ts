import { expect, it } from 'vitest';
import { newSpent } from '../../../local/rehearsal/tools/spent.ts';

it('a rehearsal tells where its time went, the longest first, failures counted, trifles left out', async () => {
  let nowMs = 0;
  const spent = newSpent(() => nowMs);
  const lasting = (ms: number) => () => {
    nowMs += ms;
    return ms > 5000 ? Promise.reject(new Error('refused')) : Promise.resolve(ms);
  };

  expect(await spent.on('plan', lasting(3000))).toBe(3000);
  await spent.on('plan', lasting(1600));
  await spent.on('init', lasting(900));
  await expect(spent.on('destroy', lasting(9000))).rejects.toThrow('refused');

  expect(spent.lines()).toEqual(['      9 s  1 × destroy', '      5 s  2 × plan']);
});
