import { describe, expect, it } from 'vitest';
import {
  latePieceKey,
  LISTENER_KEYS,
  listenerKey,
  liveGapKey,
  livePieceKey,
  livePrefix,
} from '../../../recording/tape/live-keys.ts';
import { RECORDING } from '../../support/call.ts';

const PREFIX = `live/${RECORDING.contactId}/${RECORDING.startFragmentNumber}/`;

describe('what a listener keeps', () => {
  it.each([
    ['all of it', () => livePrefix(RECORDING), ''],
    ['a piece', () => livePieceKey(RECORDING, 8_000), '000000008000.wav'],
    [
      'the customer’s side of one, late',
      () => latePieceKey(RECORDING, 0, 0),
      '000000000000-customer-late.wav',
    ],
    ['the agent’s side of one, late', () => latePieceKey(RECORDING, 16, 1), '000000000016-agent-late.wav'],
    ['a gap', () => liveGapKey(RECORDING, 123_456_789_012, 1), '123456789012-agent-gap.json'],
    ['where it goes on', () => listenerKey(RECORDING, 'pieces'), 'listener-pieces.json'],
  ])('lies below the recording: %s', (_, key, name) => {
    expect(key()).toBe(`${PREFIX}${name}`);
  });

  it('lies in order of time', () => {
    const keys = [9, 10, 8_000, 100_000].map((frame) => livePieceKey(RECORDING, frame));
    expect([...keys].sort()).toEqual(keys);
  });

  it('goes on where the policy’s pattern says', () => {
    const pattern = new RegExp(`^${LISTENER_KEYS.replace('.', '\\.').replace(/\*/g, '.*')}$`);
    expect(listenerKey(RECORDING, 'pieces')).toMatch(pattern);
    expect(livePieceKey(RECORDING, 1)).not.toMatch(pattern);
  });
});
