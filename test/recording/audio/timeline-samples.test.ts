/** Audio that isn't cut, or labelled, as it should be. */
import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import {
  alter,
  BLOCK_MS,
  layOutPlans,
  type Plan,
  plansOf,
  received,
  shift,
  speech,
  wholeCall,
} from './timed-calls.ts';

const CALL = 8;
const WHOLE = wholeCall(CALL);
const BLOCK_BYTES = BLOCK_MS * 16;

/** Each track's bytes cut anew. @param lengthOf of its block with an index */
function cut(plans: readonly Plan[], lengthOf: (index: number) => number): void {
  for (const channel of [0, 1] as const) {
    const bytes = speech(channel, 0, CALL * 1_024);
    let at = 0;
    let index = 0;
    for (const plan of plans)
      plan.blocks = plan.blocks.map((block) => {
        if (block.channel !== channel) return block;
        const isLast = index === CALL * 16 - 1;
        const pcm = bytes.subarray(at, isLast ? bytes.length : at + lengthOf(index));
        at += pcm.length;
        index += 1;
        return { ...block, pcm };
      });
  }
}

describe('PCM that is cut in the middle of a sample', () => {
  it.each<[string, (index: number) => number]>([
    ['in blocks of 1,023 and 1,025 bytes', (index) => BLOCK_BYTES + (index % 2 === 0 ? -1 : 1)],
    ['in all blocks', (index) => BLOCK_BYTES + (index === 0 ? 1 : 0)],
    [
      'across fragments',
      (index) => BLOCK_BYTES + (index % 16 === 15 ? 1 : index % 16 === 0 && index > 0 ? -1 : 0),
    ],
    ['in blocks of 1,023 bytes alone', () => BLOCK_BYTES - 1],
  ])('%s, is put together', (_, lengthOf) => {
    const plans = plansOf(CALL);
    cut(plans, lengthOf);
    const { audio, losses } = layOutPlans(plans);
    expect(losses).toEqual([]);
    for (const channel of [0, 1] as const)
      assert.deepEqual(received(audio, channel), received(WHOLE, channel));
  });

  it('before a gap, loses that sample and says so; what follows is no noise', () => {
    const plans = plansOf(CALL);
    alter(plans, 3, 0, 15, (block) => ({ ...block, pcm: block.pcm.subarray(0, -1) }));
    for (const plan of plans.slice(4, 6)) plan.blocks = plan.blocks.filter(({ channel }) => channel === 1);
    const { audio, losses } = layOutPlans(plans);
    const number = (START_FRAGMENT_NUMBER + 3n).toString();
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatchObject({
      kind: 'FRAGMENT_UNUSABLE',
      firstFragmentNumber: number,
      lastFragmentNumber: number,
    });
    expect(losses[0]?.why).toContain('a block ends in the middle of a sample');
    const whole = received(WHOLE, 0);
    const samples = 16 * BLOCK_MS * 8;
    assert.deepEqual(
      received(audio, 0),
      Int16Array.of(...whole.slice(0, 4 * samples - 1), ...whole.slice(6 * samples)),
    );
    assert.deepEqual(received(audio, 1), received(WHOLE, 1));
  });

  it('in a fragment of which the first block’s time is wrong, loses nothing, and what follows is no noise', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(2, 3)) plan.blocks = plan.blocks.filter(({ channel }) => channel === 1);
    const said = plans[3]?.blocks.filter(({ channel }) => channel === 0).map(({ pcm }) => pcm) ?? [];
    const bytes = Buffer.concat(said);
    let at = 0;
    for (const [index, pcm] of said.entries()) {
      const length = pcm.length + (index === 0 ? -1 : index === said.length - 1 ? 1 : 0);
      const pcmCut = bytes.subarray(at, at + length);
      alter(plans, 3, 0, index, (block) => ({ ...block, pcm: pcmCut }));
      at += length;
    }
    alter(plans, 3, 0, 0, shift(-6_000));
    const { audio, losses } = layOutPlans(plans);
    expect(losses).toEqual([]);
    const [whole, samples] = [received(WHOLE, 0), 16 * BLOCK_MS * 8];
    const expected = Int16Array.of(...whole.slice(0, 2 * samples), ...whole.slice(3 * samples));
    assert.deepEqual(received(audio, 0), expected);
  });

  it('at the very end, loses that sample and says so', () => {
    const plans = plansOf(CALL);
    alter(plans, CALL - 1, 1, 15, (block) => ({ ...block, pcm: block.pcm.subarray(0, -1) }));
    const { audio, losses } = layOutPlans(plans);
    expect(losses).toHaveLength(1);
    assert.deepEqual(received(audio, 1), received(WHOLE, 1).slice(0, -1));
  });
});

describe('Fragments without a MimeType', () => {
  const rate = 'audio/L16;rate=16000;channels=1;';
  /** At 16 kHz. */
  function fast(count: number, labelled: (index: number) => boolean): Plan[] {
    const plans = plansOf(count);
    plans.forEach((plan, index) => {
      plan.mimeType = labelled(index) ? rate : '';
      plan.blocks = plan.blocks.map((block) => ({
        ...block,
        pcm: speech(block.channel, 2 * (block.atMs - T0), 2 * BLOCK_MS),
      }));
    });
    return plans;
  }

  it.each([1, 3, 10, 40])('in the first %d are of the rate that the next one tells', (count) => {
    const { sampleRate, losses, fragments, audio, gaps } = layOutPlans(fast(50, (index) => index >= count));
    expect({ sampleRate, losses, fragments, gaps }).toEqual({
      sampleRate: 16_000,
      losses: [],
      fragments: 50,
      gaps: [],
    });
    expect(audio.equals(wholeCall(100))).toBe(true);
  });

  it('alone are taken to be what Connect writes', () => {
    const plans = plansOf(CALL);
    for (const plan of plans) plan.mimeType = '';
    const { sampleRate, audio } = layOutPlans(plans);
    expect(sampleRate).toBe(8_000);
    expect(audio.equals(WHOLE)).toBe(true);
  });
});
