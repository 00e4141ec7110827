/** Facts that come with an event: which are kept, and what is told of the others. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { fact, leftOut, texts } from '../../../functions/support/facts.ts';
import { InstanceArn, IsoTime, label } from '../../../functions/support/schema.ts';
import { INSTANCE_ARN } from '../../support/call.ts';

const Event = v.object({
  channel: fact(v.string()),
  queue: fact(v.object({ arn: fact(v.string()), name: fact(v.string()) })),
  attributes: fact(texts(5)),
});
const readingOf = (event: unknown) => {
  const facts = v.parse(Event, event);
  return { facts, leftOut: leftOut(event, facts, ['attributes']) };
};

describe('of an event', () => {
  it.each<[string, object, object, string[]]>([
    ['all is kept', { channel: 'VOICE', queue: { arn: 'q', name: 'n' } }, { channel: 'VOICE' }, []],
    ['what is null is no fact', { channel: null, queue: { arn: null } }, {}, []],
    ['a map that is null is none, either', { attributes: null }, {}, []],
    ['what is absent is none', { queue: {} }, { queue: {} }, []],
    ['what isn’t known is nobody’s business', { more: 5 }, {}, []],
    ['one that is none is named', { channel: 5 }, { channel: undefined }, ['channel']],
    [
      'one within another is named by its path',
      { queue: { arn: 5, name: 'n' } },
      { queue: { name: 'n' } },
      ['queue.arn'],
    ],
    ['several are', { channel: [], queue: { arn: {}, name: 5 } }, {}, ['channel', 'queue.arn', 'queue.name']],
    [
      'a map that has lost a value is named alone',
      { attributes: { a: 'x', b: [] } },
      { attributes: { a: 'x' } },
      ['attributes'],
    ],
    ['a map that has lost what was null has lost nothing', { attributes: { a: 'x', b: null } }, {}, []],
    ['a list is no map', { attributes: ['x'] }, { attributes: undefined }, ['attributes']],
  ])('%s', (_, event, facts, names) => {
    const reading = readingOf(event);
    expect(reading.facts).toMatchObject(facts);
    expect(reading.leftOut).toEqual(names);
  });

  it.each([null, undefined, 'text', 5, ['channel']])('that is none nothing is left out: %j', (event) => {
    expect(leftOut(event, { channel: undefined })).toEqual([]);
  });
});

describe('a map of texts has', () => {
  it.each<[string, object, object]>([
    ['texts as they are', { a: 'x', b: '' }, { a: 'x', b: '' }],
    [
      'numbers and truths, which can only mean one text',
      { a: 5, b: -0.5, c: false },
      { a: '5', b: '-0.5', c: 'false' },
    ],
    ['no number that is none', { a: NaN, b: Infinity, c: 'x' }, { c: 'x' }],
    ['no list, no map, nothing that isn’t there', { a: [], b: {}, c: null, d: undefined }, {}],
    ['texts up to the length that is allowed', { a: '12345', b: '123456' }, { a: '12345' }],
    ['no value without a name', { '': 'x', ' ': 'y' }, { ' ': 'y' }],
  ])('%s', (_, values, kept) => {
    expect(v.parse(texts(5), values)).toEqual(kept);
  });
});

describe('a label has', () => {
  it.each(['', 'Support', 'żółw 🐢', '12345678'])('any text up to its length: %j', (text) => {
    expect(v.is(label(8), text)).toBe(true);
  });

  it.each(['123456789', 'a\u0000b', 'a\nb', '\u009f', 5, null])('nothing else: %j', (value) => {
    expect(v.is(label(8), value)).toBe(false);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-14T09:26:53Z', '2026-03-14T09:26:53.000Z'],
    ['2026-03-14T10:26:53.5+01:00', '2026-03-14T09:26:53.500Z'],
    ['2026-03-14 09:26:53Z', '2026-03-14T09:26:53.000Z'],
  ])('%s is as records have it', (text, time) => {
    expect(v.parse(IsoTime, text)).toBe(time);
  });

  it.each(['', 'yesterday', '2026-03-14', '2026-13-14T09:26:53Z', '2026-03-14T09:26:53+05', 1_773_480_413])(
    'that is none is refused: %j',
    (value) => {
      expect(v.is(IsoTime, value)).toBe(false);
    },
  );
});

it('an instance is named by its ARN', () => {
  expect(v.is(InstanceArn, INSTANCE_ARN)).toBe(true);
  expect(v.is(InstanceArn, `${INSTANCE_ARN}/queue/x`)).toBe(false);
});
