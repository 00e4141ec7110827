import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, type MaskedUtterance } from '../../../recording/transcript/masking/marks.ts';
import { MASK_WAIT_MS, Masker } from '../../../recording/transcript/masking/masker.ts';
import { parsePatterns } from '../../../recording/transcript/masking/patterns.ts';

const RATE = 8_000;
/** A word is a second. */
const WORD_FRAMES = RATE;
const CARD = '4111 1111 1111 1111';

function utterance(text: string, startFrame = 0): MaskedUtterance {
  const words = text.split(/\s+/).map((word, index) => ({
    text: word,
    startFrame: startFrame + index * WORD_FRAMES,
    endFrame: startFrame + (index + 1) * WORD_FRAMES,
    confidence: 0.5,
  }));
  return { text, words, startFrame, endFrame: startFrame + words.length * WORD_FRAMES };
}

/** Each behind the one before. */
function utterances(texts: readonly string[]): MaskedUtterance[] {
  let at = 0;
  return texts.map((text) => {
    const one = utterance(text, at);
    at = one.endFrame;
    return one;
  });
}

function masked(texts: readonly string[], patterns = ''): MaskedUtterance[] {
  const masker = new Masker(RATE, parsePatterns(patterns));
  return [...utterances(texts).flatMap((one) => masker.push(one)), ...masker.flush()];
}

function textsOf(texts: readonly string[], patterns = ''): string[] {
  return masked(texts, patterns).map(({ text }) => text);
}

/** Digits with a right check digit. */
const cardNumber = fc
  .tuple(fc.constantFrom('2', '3', '4', '5', '6'), fc.stringMatching(/^[0-9]{11,17}$/))
  .map(([first, rest]) => {
    const digits = Array.from(`${first}${rest}`, Number);
    const sum = digits
      .toReversed()
      .map((digit, index) => (index % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit))
      .reduce((all, digit) => all + digit, 0);
    return `${first}${rest}${String((10 - (sum % 10)) % 10)}`;
  });

describe('card numbers', () => {
  it.each([
    ['in one go', `my card is ${CARD.replaceAll(' ', '')}, thanks`, `my card is ${MASK} thanks`],
    ['in groups', `my card is ${CARD}, thanks`, `my card is ${MASK} thanks`],
    ['with hyphens', `it is 4111-1111-1111-1111.`, `it is ${MASK}`],
    ['in words', `four ${'one '.repeat(15)}please`, `${MASK} please`],
    ['in words of other languages', `vier ${'eins '.repeat(15)}bitte`, `${MASK} bitte`],
    ['by doubles', `four one double one ${'one '.repeat(12)}ok then`, `${MASK} ok then`],
    ['by triples, after a pause', `four uh triple one ${'one '.repeat(12)}please`, `${MASK} please`],
    [
      'by triples, and a pause behind that',
      `four triple uh one ${'one '.repeat(12)}please`,
      `${MASK} please`,
    ],
    ['with dashes between', '4111 - 1111 – 1111 — 1111 yes', `${MASK} yes`],
    ['behind other digits', `11 ${CARD} yes`, `11 ${MASK} yes`],
    ['with what is said between', `4111 uh 1111 and then 1111 1111 yes`, `${MASK} yes`],
    ['with what follows it', `${CARD} 12 27 and 123`, MASK],
    ['of an American one', '3782 822463 10005', MASK],
    ['full-width', '４１１１ １１１１ １１１１ １１１１', MASK],
  ])('are masked: %s', (_, text, expected) => {
    const [one] = textsOf([text]);
    // What follows may be hidden, too; nothing of the number may be left.
    if (expected === MASK) expect(one).toMatch(/^\[masked\]/);
    else expect(one).toBe(expected);
  });

  it.each([
    ['a wrong check digit', '4111 1111 1111 1112'],
    ['too short', '4111 1111 1111'],
    ['another first digit', '1111 1111 1111 1117'],
    ['not in one go', '4111 1111 is what I pay for 1111 1111'],
    ['more between than anybody says', '4111 1111 uh um er 1111 1111'],
    ['a phone number', 'call me at +1 555 0100 123'],
  ])('are not: %s', (_, text) => {
    expect(textsOf([text])).toEqual([text]);
  });

  it('are masked in the words, with one mark, from the first to the last', () => {
    const [one] = masked([`yes ${CARD} please`]);

    expect(one?.words).toEqual([
      { text: 'yes', startFrame: 0, endFrame: RATE, confidence: 0.5 },
      { text: MASK, startFrame: RATE, endFrame: 5 * RATE },
      { text: 'please', startFrame: 5 * RATE, endFrame: 6 * RATE, confidence: 0.5 },
    ]);
  });

  it('are masked where the source tells no words', () => {
    const masker = new Masker(RATE);
    for (const number of [CARD, `four ${'one '.repeat(15)}`.trim()]) {
      const pushed = masker.push({ ...utterance(`it is ${number} so there`), words: [] });
      expect(pushed.map(({ text }) => text)).toEqual([`it is ${MASK} so there`]);
    }
  });

  it('are masked where text and words don’t say the same', () => {
    const masker = new Masker(RATE);
    const pushed = masker.push({ ...utterance(`it is ${CARD} sir`), text: 'something 4111111111111111' });

    expect(pushed.map(({ text }) => text)).toEqual([`it is ${MASK} sir`]);
  });

  it('are masked across utterances, which are held back until it is known', () => {
    const masker = new Masker(RATE);
    const [one, two, three, four] = utterances(['so it is 4111', '1111 1111', 'uh 1111', 'and that is it']);
    if (!one || !two || !three || !four) throw new Error('there are four');

    expect(masker.push(one)).toEqual([]);
    expect(masker.heldFrom).toBe(0);
    expect([...masker.push(two), ...masker.push(three)]).toEqual([]);
    expect(masker.push(four).map(({ text }) => text)).toEqual([
      `so it is ${MASK}`,
      MASK,
      `uh ${MASK}`.replace('uh ', ''),
      'and that is it',
    ]);
    expect(masker.heldFrom).toBeUndefined();
  });

  const oneByOne = 'one '.repeat(12);
  it.each([
    [
      ['my card is four triple', `one ${oneByOne}please`],
      [`my card is ${MASK}`, `${MASK} please`],
    ],
    [
      ['my card is four triple', `uh one ${oneByOne}please`],
      [`my card is ${MASK}`, `${MASK} please`],
    ],
    [
      ['it is four', 'triple', `one ${oneByOne}please`],
      [`it is ${MASK}`, MASK, `${MASK} please`],
    ],
    [
      ['my card is double', `four ${'zero '.repeat(13)}eight please`],
      ['my card is double', `${MASK} please`],
    ],
  ])('are masked where an utterance ends with how often a digit is meant: %s', (texts, expected) => {
    expect(textsOf(texts)).toEqual(expected);
  });

  it.each([
    ['I have 2', true],
    ['I have 2 double', true],
    ['I want a double', true],
    ['I want a double uh', true],
    ['I want a double room', false],
    ['I have 2 uh um', true],
    ['I have 2 uh um er', false],
    ['I have 2 cards', false],
    ['the room is b2', false],
    ['on the 2nd', false],
  ])('are waited for behind “%s”: %s', (text, isHeld) => {
    expect(new Masker(RATE).push(utterance(text))).toHaveLength(isHeld ? 0 : 1);
  });

  it('are waited for from where one of 19 digits may have begun', () => {
    const released = (...lengths: number[]) => {
      const masker = new Masker(RATE);
      const said = utterances(lengths.map((length) => '1'.repeat(length)));
      return said.flatMap((one) => masker.push(one)).length;
    };
    expect([released(10, 9), released(2, 18)]).toEqual([0, 1]);
  });

  it('aren’t waited for longer than anybody pauses', () => {
    const masker = new Masker(RATE);
    const one = utterance('I have 2');
    expect(masker.push(one)).toEqual([]);
    const waitFrames = (MASK_WAIT_MS * RATE) / 1000;

    expect(masker.heardUpTo(one.endFrame + waitFrames)).toEqual([]);
    expect(masker.heardUpTo(one.endFrame + waitFrames + 1)).toEqual([one]);
  });

  it('can’t be seen in what isn’t finished', () => {
    const masker = new Masker(RATE);
    const [one, two] = utterances(['it is 4111 1111', '1111 11']);
    if (!one || !two) throw new Error('there are two');
    masker.push(one);

    expect(masker.preview(one).text).toBe(`it is ${MASK}`);
    expect(masker.preview(two).text).toBe(MASK);
    const rest = utterance('1111 1111 and that is all', two.startFrame);
    expect(masker.preview(rest).text).toBe(`${MASK} and that is all`);
    expect(masker.preview(utterance('that is all', two.startFrame)).text).toBe('that is all');
  });

  it('are masked however they are said', () => {
    const groups = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 20, maxLength: 20 });
    const cuts = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(cardNumber, groups, cuts, (number, lengths, cut) => {
        const said: string[] = [];
        for (let at = 0, group = 0; at < number.length; at += lengths[group++] ?? 1)
          said.push(number.slice(at, at + (lengths[group] ?? 1)));
        const words = ['well', 'it', 'is', ...said, 'that', 'is', 'all'];
        const texts: string[][] = [[]];
        for (const [index, word] of words.entries()) {
          if (cut[index] && texts.at(-1)?.length !== 0) texts.push([]);
          texts.at(-1)?.push(word);
        }
        const out = masked(texts.map((one) => one.join(' ')));
        expect(out.map(({ text }) => text).join(' ')).toMatch(/^well it is (\[masked\] ?)+ that is all$/);
        expect(out.flatMap((one) => one.words.map(({ text }) => text)).join('')).not.toMatch(/[0-9]/);
      }),
    );
  });
});

describe('what a deployment adds', () => {
  it.each([
    ['###-##-####', 'it is 123 45 6789 sir', `it is ${MASK} sir`],
    ['###-##-####', 'it is 123-45-6789.', `it is ${MASK}`],
    ['###-##-####', 'one two three four five six seven eight nine sir', `${MASK} sir`],
    ['###-##-####', 'it is 123 45 67890 sir', 'it is 123 45 67890 sir'],
    ['AB #{6,8}', 'passport ab 123 456 7 please', `passport ${MASK} please`],
    ['AB #{6,8}', 'passport ab 123 456 please', `passport ${MASK} please`],
    ['AB #{6,8}', 'passport ab 12345 please', 'passport ab 12345 please'],
    ['###-##-####', 'it is 123 uh 45 - 6789 sir', `it is ${MASK} sir`],
    ['code *{3}', 'my code two please', `my ${MASK} please`],
    ['password *{4,8}', 'my password hunter2 please', `my ${MASK} please`],
    ['@@######', 'it is xy 123456 ok', `it is ${MASK} ok`],
    ['abc ; 1234', 'abc and 1234 or 12345', `${MASK} and ${MASK} or 12345`],
  ])('%s in “%s”', (patterns, text, expected) => {
    expect(textsOf([text], patterns)).toEqual([expected]);
  });

  it('is masked the same however it is cut into utterances', () => {
    const word = fc.constantFrom('ab', 'abc', '1', '12', '345', '6789', 'please', 'uh', 'one', '-');
    const patterns = 'ab#{3,6};###-##-####;abc*{2,9}';
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        (words, cut) => {
          const texts: string[][] = [[]];
          for (const [index, one] of words.entries()) {
            if (cut[index] && texts.at(-1)?.length !== 0) texts.push([]);
            texts.at(-1)?.push(one);
          }
          const frames = (out: readonly MaskedUtterance[]) =>
            out
              .flatMap((one) => one.words.filter(({ text }) => text === MASK))
              .flatMap(({ startFrame, endFrame }) =>
                Array.from(
                  { length: (endFrame - startFrame) / WORD_FRAMES },
                  (_, n) => startFrame / WORD_FRAMES + n,
                ),
              );
          expect(
            frames(
              masked(
                texts.map((one) => one.join(' ')),
                patterns,
              ),
            ),
          ).toEqual(frames(masked([words.join(' ')], patterns)));
        },
      ),
    );
  });

  it('is waited for while what is said next may make it', () => {
    const released = (text: string) =>
      new Masker(RATE, parsePatterns('AB #{6,8}')).push(utterance(text)).length;
    expect([released('so ab 12'), released('so ab cd')]).toEqual([0, 1]);
  });

  it.each([
    ['#{10}', [10]],
    ['#{3}', [3]],
    ['#{10,12}', [12]],
    ['a'.repeat(64), [64]],
    ['abc; ;####; ', [3, 4]],
    [Array(16).fill('abc').join(';'), Array(16).fill(3)],
  ])('is as long as it may be: %s', (text, lengths) => {
    expect(parsePatterns(text).map(({ length }) => length)).toEqual(lengths);
  });

  it.each([
    '#',
    '@@',
    '#{0}xyz',
    '#{9,3}abc',
    '#{99}',
    '#{3',
    '#{x}##',
    '##@{0,3}',
    'a'.repeat(65),
    '##;#'.repeat(40),
    Array(17).fill('abc').join(';'),
  ])('is refused: %s', (text) => {
    expect(() => parsePatterns(text)).toThrow(/pattern/);
  });

  it('is refused with what it may be', () => {
    expect(() => parsePatterns('#')).toThrow(
      'a pattern to mask is 3 to 64 letters and digits, # for a digit, @ for a letter, * for either, {n} or {n,m} behind ' +
        'one for how many',
    );
  });

  it('takes no longer than words and pattern are long', { timeout: 60_000 }, () => {
    const patterns = Array.from({ length: 16 }, () => '*{1,30}*{1,30}xyz').join(';');
    // Of this process: what else the machine does is no matter.
    const before = process.cpuUsage();
    masked([Array.from({ length: 100 }, () => 'aaaa').join(' ')], patterns);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });
});
