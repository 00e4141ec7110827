import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describe as describeCall } from '../../../cli/calls/describe.ts';
import { html } from '../../../cli/report/html.ts';
import { renderReport } from '../../../cli/report/page.ts';
import { BUCKETS_MAX, peaksOf } from '../../../cli/report/peaks.ts';
import { PLAIN } from '../../../cli/terminal/terminal.ts';
import { UTC } from '../../../cli/terminal/time-zone.ts';
import type { Gap, MediaFacts } from '../../../recording/call-record.ts';
import { chunksOf, content, record, SAMPLE_RATE, tones } from './content.ts';

const HOSTILE = `</script></style><img src=x onerror="alert(1)">'"&\u202e`;

describe('what comes from outside', () => {
  it('is escaped, wherever it stands', async () => {
    const page = renderReport(
      await content(1, {
        record: record({
          status: 'INCOMPLETE',
          why: HOSTILE,
          customerNumber: HOSTILE,
          queue: { name: HOSTILE },
          agent: { arn: HOSTILE },
          attributes: { [HOSTILE]: HOSTILE },
          losses: [{ kind: 'TAPE_DAMAGED', why: HOSTILE, startMs: 100, lengthMs: 10 }],
        }),
        audio: { kind: 'file', name: HOSTILE },
      }),
    );
    expect(page).not.toContain('<img');
    expect(page).not.toContain('\u202e');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/script/g)).toHaveLength(1);
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&quot;&amp;\ufffd');
    expect(page).toContain(`src="${encodeURIComponent(HOSTILE).replaceAll("'", '&#39;')}"`);
  });

  it('can’t end an element or an attribute, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: made } = html`<a title="${text}">${[text, html`<b>${text}</b>`]}</a>`;
        expect(made.match(/[<>"]/g)?.join('')).toBe('<""><><><>');
        expect(Buffer.from(made).toString()).toBe(made);
      }),
    );
  });

  it('meets a policy that knows the page’s own script and style, and nothing else', async () => {
    const page = renderReport(await content(1));
    const policy =
      /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const digest = (element: string) => {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? '';
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${digest('script')}`,
      `style-src ${digest('style')}`,
      'media-src blob: data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page).not.toMatch(/ style="| on[a-z]+="|<link|@import/);
  });

  it('is linked to in one place alone: where the audio is', async () => {
    const url =
      'https://bucket.s3.eu-west-2.amazonaws.com/recordings/a.wav?X-Amz-Signature=ab&X-Amz-Expires=3600';
    const audio = { kind: 'link', url, expiresAt: '2026-03-15T09:00:00.000Z' } as const;
    const page = renderReport(await content(1, { audio }));
    expect(page).toContain('media-src blob: https://bucket.s3.eu-west-2.amazonaws.com;');
    expect(
      page.match(/https?:\/\/[^"\s;&]+/g)?.filter((link) => !link.startsWith('http://www.w3.org/')),
    ).toEqual([
      'https://bucket.s3.eu-west-2.amazonaws.com',
      'https://bucket.s3.eu-west-2.amazonaws.com/recordings/a.wav?X-Amz-Signature=ab',
    ]);
  });
});

describe('what it was held against', () => {
  const at = '2026-03-14T09:30:00.000Z';
  it.each([
    [{ method: 'NONE', at, why: 'no archive' }, 'could not be: no archive'],
    [
      { method: 'CONTACT_RECORDINGS', at, why: 'no archive' },
      'against the last fragment that the contact’s record in Connect names (no archive)',
    ],
    [
      { method: 'LIST_FRAGMENTS', at, fragmentsListed: 25, fragmentsMissing: 2, fragmentsTakenForNext: 3 },
      'the stream lists 25 fragments; 2 could not be had, 3 more were taken for the next caller’s',
    ],
  ] as const)('is said by page and command alike: %j', async (verification, text) => {
    const page = renderReport(await content(1, { record: record({ verification }) }));
    expect(page).toContain(text);
    const call = record({ verification });
    const shown = describeCall(
      { call, checkpoint: undefined, state: 'over' },
      { allGaps: false, zone: UTC, paint: PLAIN, advice: [], id: call.contactId },
    );
    expect(shown.join('\n')).toContain(text);
  });
});

describe('how its audio fits its times', () => {
  const MEDIA: MediaFacts = {
    fragments: 25,
    gapCount: 0,
    gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
    gaps: [],
    reanchored: 0,
    lateBlocks: 0,
    strayBlocks: 0,
    aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
    reopenings: 0,
    resumes: 0,
    maxBehindMs: 0,
  };
  const both = async (facts: Partial<MediaFacts>) => {
    const call = record({ media: { ...MEDIA, ...facts } });
    const rows = describeCall(
      { call, checkpoint: undefined, state: 'over' },
      { allGaps: false, zone: UTC, paint: PLAIN, advice: [], id: call.contactId },
    );
    const page = renderReport(await content(1, { record: call }));
    return { page: page.replace(/(<[^>]+>|\s)+/g, ' '), rows: rows.join('\n').replace(/ +/g, ' ') };
  };

  it('is said by page and command alike: how far which side ran ahead, and what times could not be right', async () => {
    const { page, rows } = await both({
      aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 2_350 },
      strayBlocks: 3,
      lateBlocks: 1,
    });
    for (const row of ['ahead of its times agent 2.4 s', 'wrong times 3 blocks', 'late 1 block'])
      expect(rows).toContain(row);
    for (const row of [
      'Ahead of its times Agent 2.35 s',
      'Blocks with wrong times 3',
      'Blocks more than a minute late 1',
    ])
      expect(page).toContain(row);
  });

  it('is nothing to speak of where it does', async () => {
    const { page, rows } = await both({});
    for (const text of [page, rows]) expect(text).not.toMatch(/ahead of its times|wrong times|late \d/i);
  });
});

describe('the picture', () => {
  it('marks each gap on its side, each loss, each interruption and each tape object, at its time', async () => {
    const page = renderReport(
      await content(10, {
        gaps: [{ track: 'AUDIO_TO_CUSTOMER', startMs: 2_500, lengthMs: 1_000 }],
        tape: {
          objects: [
            { first: '1', last: '2', bytes: 10, fragments: 2, startMs: 0, endMs: 6_000 },
            { first: '3', last: '4', bytes: 10, fragments: 2, startMs: 6_000, endMs: 10_000 },
          ],
          interruptions: [{ atMs: 6_000, why: 'Reading went on here, 4.0 s behind live' }],
          losses: [{ kind: 'FRAGMENTS_MISSING', why: 'gone', startMs: 7_500, lengthMs: 500 }],
        },
      }),
    );
    const agent = page.slice(page.indexOf('class="lane agent"'));
    expect(agent).toMatch(/<rect\s+class="gap"\s+x="25.000%"\s+width="10.000%"/);
    expect(page.slice(0, page.indexOf('class="lane agent"'))).not.toContain('class="gap"');
    expect(page).toMatch(
      /class="loss">\s*<title>Lost at 0:07.5, 500 ms: gone<\/title>\s*<rect\s+x="75.000%"\s+width="5.000%"/,
    );
    expect(page).toMatch(/class="interruption">[^]*?x1="60.000%"/);
    expect(page).toMatch(/class="odd"\s+x="60.000%"\s+width="40.000%"/);
    expect(page).toContain('Interruptions of reading (1)');
    expect(page).toMatch(/<td>Reading went on here, 4.0 s behind live<\/td>/);
  });

  it.each([
    [0, undefined, '<dd>none</dd>'],
    [2, undefined, '2; where can’t be told without the tape'],
    [1, 0, '1; they left no trace on the tape</dd>'],
    [2, 1, '2; those that left a trace on the tape are marked'],
    [1, 2, '<dd>1</dd>'],
  ])(
    'tells where %i resumptions were, as far as %s places on the tape show it',
    async (resumes, places, told) => {
      const media = {
        fragments: 2,
        gapCount: 0,
        gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
        gaps: [],
        reanchored: 0,
        reopenings: 1,
        maxBehindMs: 0,
        resumes,
      };
      const interruptions = Array.from({ length: places ?? 0 }, () => ({ atMs: 1_000, why: 'again' }));
      const tape = places === undefined ? {} : { tape: { objects: [], losses: [], interruptions } };
      const page = renderReport(await content(2, { record: record({ media }), ...tape }));
      expect(page.slice(page.indexOf('<dt>Resumptions'))).toContain(told);
    },
  );

  it('of an hour, and of a thousand gaps, stays a page of a sane size, and tells what it leaves out', async () => {
    const frames = 3_600 * SAMPLE_RATE;
    async function* hour() {
      const second = tones(1);
      for (let index = 0; index < 3_600; index += 1) yield await Promise.resolve(second);
    }
    const peaks = await peaksOf(hour(), frames, SAMPLE_RATE);
    expect(peaks.lanes[0].max.length).toBeLessThanOrEqual(BUCKETS_MAX);
    const gaps = Array.from({ length: 3_000 }, (_, index): Gap => ({
      track: index % 2 === 0 ? 'AUDIO_FROM_CUSTOMER' : 'AUDIO_TO_CUSTOMER',
      startMs: index * 1_000,
      lengthMs: 400,
    }));
    const page = renderReport({ record: record(), gaps, peaks, audio: { kind: 'file', name: 'call.wav' } });
    expect(page.length).toBeLessThan(900_000);
    expect(page).toContain('Gaps (3000)');
    expect(page).toContain('2500 more are in the call’s record.');
  });

  it('is not there where there is no audio; the reason is', () => {
    const page = renderReport({
      record: record({ status: 'EMPTY', why: 'media streaming is off' }),
      gaps: [],
    });
    expect(page).not.toContain('<svg');
    expect(page).not.toContain('<audio');
    expect(page).toContain('media streaming is off');
    expect(page).toContain('There is no audio of this call.');
  });
});

describe('the peaks', () => {
  it('are the lowest and highest samples of each stretch, however the bytes come', async () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: -32_768, max: 32_767 }), fc.integer({ min: -32_768, max: 32_767 })),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    await fc.assert(
      fc.asyncProperty(samples, fc.integer({ min: 1, max: 9 }), async (frames, chunkBytes) => {
        const pcm = new Uint8Array(Int16Array.from(frames.flat()).buffer);
        const { lanes, framesPerBucket } = await peaksOf(
          chunksOf(pcm, chunkBytes),
          frames.length,
          SAMPLE_RATE,
        );
        expect(framesPerBucket).toBe(1);
        for (const channel of [0, 1] as const) {
          const high = frames.map((frame) => frame[channel] >> 8);
          expect([...lanes[channel].max]).toEqual(high.map((value) => Math.max(0, value)));
          expect([...lanes[channel].min]).toEqual(high.map((value) => Math.min(0, value)));
        }
      }),
    );
    const long = await peaksOf(chunksOf(tones(4)), 4 * SAMPLE_RATE, SAMPLE_RATE);
    expect(long.framesPerBucket).toBe(20);
    expect(Math.max(...long.lanes[0].max)).toBe(16_000 >> 8);
    expect(Math.min(...long.lanes[1].min)).toBe(-8_000 >> 8);
  });
});
