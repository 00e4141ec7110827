import { describe, expect, it } from 'vitest';
import { matroskaSchema } from '../../../cli/inspect/schema.ts';
import { ID } from '../../../matroska/elements.ts';

/** What the package calls otherwise than RFC 9559. */
const OLDER_NAMES = new Map<string, string>([
  ['SegmentUUID', 'SegmentUID'],
  ['TimestampScale', 'TimecodeScale'],
  ['Timestamp', 'Timecode'],
  ['Crc32', 'CRC-32'],
]);

describe('the schema', () => {
  it('names every element that the recorder reads', async () => {
    const schema = await matroskaSchema();
    expect(schema.size).toBeGreaterThan(200);
    for (const [name, id] of Object.entries(ID)) {
      expect(schema.get(id)?.name).toBe(OLDER_NAMES.get(name) ?? name);
    }
    expect(schema.get(ID.Segment)).toEqual({ name: 'Segment', type: 'm', level: 0 });
    expect(schema.get(ID.SimpleBlock)).toEqual({ name: 'SimpleBlock', type: 'b', level: 2 });
    expect(schema.get(ID.Void)?.level).toBe(-1);
  });

  it('leaves the globals as they are', async () => {
    const before = [Map, Array.from, Set, Promise] as const;
    await matroskaSchema();
    expect([Map, Array.from, Set, Promise]).toEqual(before);
    expect(Map.toString()).toContain('[native code]');
    expect(Array.from.toString()).toContain('[native code]');
  });
});
