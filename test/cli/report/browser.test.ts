/** The page in a real browser: Debian's Chromium. Skipped where there is none. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderReport, type ReportContent } from '../../../cli/report/page.ts';
import type { Transcript } from '../../../recording/transcript/document.ts';
import { segment, untranscribed } from '../../recording/transcript/rows.ts';
import { content, record, SAMPLE_RATE, tones, wavOf } from './content.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SECONDS = 20;
const hasChromium = existsSync(CHROMIUM);

/** What stands in for the page's AudioContext, so that what is heard can be measured. */
const LISTEN = `
  const Original = window.AudioContext;
  window.AudioContext = class extends Original {
    createChannelMerger(inputs) {
      const merger = super.createChannelMerger(inputs);
      const splitter = super.createChannelSplitter(2);
      merger.connect(splitter);
      window.heard = [0, 1].map((channel) => {
        const analyser = super.createAnalyser();
        analyser.fftSize = 2048;
        splitter.connect(analyser, channel);
        return () => {
          const samples = new Float32Array(analyser.fftSize);
          analyser.getFloatTimeDomainData(samples);
          return Math.max(...samples.map(Math.abs));
        };
      });
      return merger;
    }
  };`;

const what = hasChromium
  ? 'the page in Chromium'
  : `the page (skipped: no ${CHROMIUM}; apt-get install chromium)`;

const WORDS: Transcript = {
  recordingId: 'c_1',
  frameShift: SAMPLE_RATE,
  sampleRate: SAMPLE_RATE,
  sources: ['recognise'],
  segments: [
    { ...segment('hello <b>there</b>, dear', { startMs: 1_000 }), text: 'hello <b>there</b>, dear' },
    segment('who is it', { startMs: 4_000, channel: 'AGENT' }),
    segment('hello', { startMs: 11_000 }),
  ],
  untranscribed: [untranscribed(18_000, { startMs: 15_000, channel: 'AGENT' })],
};

describe.skipIf(!hasChromium)(what, () => {
  let browser: Browser;
  let dir: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'callspool-report-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await rm(dir, { recursive: true });
  });
  afterEach(() => {
    complaints.length = 0;
  });

  async function open(
    changes: Partial<ReportContent> = {},
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.addInitScript(LISTEN);
    const file = join(dir, 'call.html');
    await writeFile(file, renderReport(await content(SECONDS, changes)));
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  const currentTime = (page: Page) => page.evaluate<number>('document.querySelector("audio").currentTime');
  /** Playwright's own waiting evaluates in the page, which its policy forbids. */
  const until = (page: Page, expression: string) =>
    expect.poll(() => page.evaluate<boolean>(expression), { timeout: 20_000 }).toBe(true);
  const loaded = (page: Page) => until(page, 'document.querySelector("audio").readyState >= 1');

  it('plays, and the cursor follows', async () => {
    const page = await open();
    await loaded(page);
    expect(await page.locator('.time').textContent()).toBe('0:00 / 0:20');
    await page.getByRole('button', { name: 'Play' }).click();
    await until(page, 'document.querySelector("audio").currentTime > 0.3');
    expect(parseFloat((await page.locator('.now').getAttribute('x')) ?? '')).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Pause' }).click();
    await until(page, 'document.querySelector("audio").paused');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('goes where the waveform is clicked, and by keys', async () => {
    const objects = [8_000, 12_000].map((startMs) => {
      return { first: '1', last: '2', bytes: 10, fragments: 2, startMs, endMs: startMs + 4_000 };
    });
    const page = await open({
      gaps: [{ track: 'AUDIO_TO_CUSTOMER', startMs: 15_000, lengthMs: 500 }],
      // They are no places to jump to by key.
      tape: { objects, losses: [], interruptions: [{ atMs: 17_000, why: 'read twice from here on' }] },
    });
    await loaded(page);
    const box = await page.locator('.figure').boundingBox();
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) * 0.5, (box?.y ?? 0) + 60);
    expect(await currentTime(page)).toBeCloseTo(10, 0);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    expect(await currentTime(page)).toBeCloseTo(6, 5);
    await page.keyboard.press('n');
    expect(await currentTime(page)).toBeCloseTo(15, 5);
    await page.keyboard.press('n');
    expect(await currentTime(page)).toBeCloseTo(17, 5);
    await page.keyboard.press('p');
    expect(await currentTime(page)).toBeCloseTo(15, 5);
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: '0:15.0' }).click();
    expect(await currentTime(page)).toBeCloseTo(15, 5);
    await page.getByRole('slider').focus();
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('0:15 of 0:20');
    await page.keyboard.press(' ');
    await until(page, '!document.querySelector("audio").paused');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('mutes either side, and lets the other one be heard in both ears', async () => {
    const page = await open();
    await loaded(page);
    const untilHeard = (left: string, right: string) =>
      until(page, `Boolean(window.heard) && window.heard[0]() ${left} && window.heard[1]() ${right}`);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.keyboard.press('2');
    // The customer's tone is at 0.49, the agent's at 0.24.
    await untilHeard('> 0.4', '> 0.4');
    await page.keyboard.press('1');
    await untilHeard('=== 0', '=== 0');
    await page.getByRole('button', { name: 'agent' }).click();
    await untilHeard('> 0.2', '> 0.2');
    expect(await page.evaluate('Math.max(window.heard[0](), window.heard[1]()) < 0.3')).toBe(true);
    await page.keyboard.press('1');
    await untilHeard('> 0.4', '> 0.2');
    expect(await page.evaluate('window.heard[1]() < 0.3')).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('plays a WAV beside it; to hear one side alone, that has to be opened', async () => {
    const wav = join(dir, 'a call.wav');
    await writeFile(wav, wavOf(tones(SECONDS)));
    const page = await open({ audio: { kind: 'file', name: 'a call.wav' } });
    await loaded(page);
    expect(complaints).toEqual([]);
    const agent = page.getByRole('button', { name: 'agent' });
    expect(await agent.isDisabled()).toBe(true);
    await page.locator('.files input').setInputFiles(wav);
    await until(page, '!document.querySelector(".side-button.agent").disabled');
    await agent.click();
    await page.getByRole('button', { name: 'Play' }).click();
    await until(page, 'Boolean(window.heard) && window.heard[1]() > 0.4');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says so when its WAV is missing', async () => {
    const page = await open({ audio: { kind: 'file', name: 'none.wav' } });
    await page.getByRole('alert').waitFor({ state: 'visible' });
    expect(await page.getByRole('alert').textContent()).toContain('Is the WAV beside this page');
    await page.context().close();
  });

  it('runs nothing that came with the call', async () => {
    const hostile = '</script><script>window.owned = 1</script><img src=x onerror="window.owned = 1">';
    const page = await open({ record: record({ why: hostile, attributes: { a: hostile } }) });
    await loaded(page);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    // What got past the escaping would meet the policy.
    await page.evaluate(
      'document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\'window.owned = 1\'>")',
    );
    await expect.poll(() => complaints.join(' ')).toContain('Content Security Policy');
    expect(await page.evaluate('window.owned')).toBeUndefined();
    await page.context().close();
  });

  it('has what was said in step with the sound: to hear, to find, to link to', async () => {
    const page = await open({ words: WORDS });
    await loaded(page);
    const word = (text: string) => page.locator('.word', { hasText: text });
    expect(await page.locator('.line').count()).toBe(4);
    expect(await page.locator('.line.customer .said').first().textContent()).toMatch(
      /^\s*hello <b>there<\/b>, dear\s*$/,
    );

    await word('dear').click();
    expect(await currentTime(page)).toBeCloseTo(3, 5);
    await until(page, 'document.querySelector(".now-said")?.textContent === "dear"');
    expect(await page.evaluate('location.hash')).toBe('#t=3.000');
    expect(await page.locator('.now-line').count()).toBe(1);

    // By keys: from word to word, and to hear one.
    await word('hello').first().focus();
    expect(await word('hello').first().getAttribute('role')).toBe('button');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await currentTime(page)).toBeCloseTo(2.5, 5);
    expect(await word('hello').first().getAttribute('role')).toBeNull();

    await page.getByLabel('Find').fill('Hello');
    expect(await page.getByRole('status').textContent()).toBe('2 places');
    expect(await page.locator('.found').count()).toBe(2);
    await page.getByLabel('Find').press('Enter');
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await page.getByRole('status').textContent()).toBe('2 of 2');
    expect(await currentTime(page)).toBeCloseTo(12, 5);
    await page.getByLabel('Find').fill('hello there');
    expect(await page.getByRole('status').textContent()).toBe('0 places');

    await page.evaluate('location.hash = "#t=5.5"');
    await until(page, 'Math.abs(document.querySelector("audio").currentTime - 5.5) < 0.001');
    await page.getByRole('button', { name: '0:12.0' }).click();
    expect(await currentTime(page)).toBeCloseTo(12, 5);
    expect(await page.getByText('not written down up to 0:19.0').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('reads what was said as text, a line a list’s item; one stop for the keyboard a line', async () => {
    const page = await open({ words: WORDS });
    await loaded(page);
    const said = page.getByRole('region', { name: 'What was said' });
    const items = said.getByRole('listitem');
    expect(await items.count()).toBe(4);
    // Words are no buttons among what is read; the time is.
    const read = await items.first().ariaSnapshot();
    expect(read).toContain('hello <b>there</b>, dear');
    expect(read.match(/button/g)).toHaveLength(1);
    expect(await said.getByRole('searchbox', { name: 'Find' }).count()).toBe(1);

    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.getByRole('button', { name: '0:02.0' }).focus();
    for (const stop of ['hello', '0:05.0', 'who', '0:12.0', 'hello', '0:16.0']) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(stop);
    }
    await page.locator('.word', { hasText: 'dear' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('who');
    await page.keyboard.press(' ');
    expect(await currentTime(page)).toBeCloseTo(5, 5);
    expect(await page.locator('[aria-current=true]').textContent()).toBe('who');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('begins at the moment that a link names', async () => {
    const page = await open({ words: WORDS });
    await page.goto(`${page.url()}#t=12.5`);
    await page.reload();
    await until(page, 'Math.abs(document.querySelector("audio").currentTime - 12.5) < 0.001');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is whole without its script: the picture, the facts, and the browser’s own player', async () => {
    const page = await open({}, { javaScriptEnabled: false });
    expect(await page.locator('audio').isVisible()).toBe(true);
    expect(await page.locator('.shape').count()).toBe(2);
    for (const hidden of ['.toolbar', '.cursor', '.seek'])
      expect(await page.locator(hidden).isVisible()).toBe(false);
    expect(await page.getByText('+15550100').first().isVisible()).toBe(true);
    await page.context().close();
  });

  it('follows the reader’s setting of light and dark, fits a phone, and leaves its controls off paper', async () => {
    const colours: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open({ words: WORDS }, { colorScheme, viewport: { width: 360, height: 700 } });
      colours.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.toolbar').isVisible()).toBe(false);
      expect(await page.locator('.shape').first().isVisible()).toBe(true);
      colours.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
      await page.context().close();
    }
    const [light, onPaper, dark, darkOnPaper] = colours;
    expect(light).not.toBe(dark);
    expect([onPaper, darkOnPaper]).toEqual(['rgb(255, 255, 255)', 'rgb(255, 255, 255)']);
  });
});
