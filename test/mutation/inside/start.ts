/** What vitest is given to run: when it is over, the runner beside it takes the room's own tests in hand. */
import { expect, it } from 'vitest';

it('begins', () => {
  expect(process.env.CALLSPOOL_MUTATED_ROOM, 'only `npm run mutate` runs this').toBeTruthy();
});
