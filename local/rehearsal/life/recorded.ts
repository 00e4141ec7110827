/** What a rehearsal writes down in the repository, for tests and the documentation to be held against. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const RECORDED = join(import.meta.dirname, '../recorded');
const ACTIONS_FILE = join(RECORDED, 'actions.json');
const SETTINGS_FILE = join(RECORDED, 'settings.json');

const provenance = v.object({ terraform: v.string(), provider: v.string(), moto: v.string() });
export type Provenance = v.InferOutput<typeof provenance>;

const actions = v.object({
  ranWith: provenance,
  /**
   * Each action that whoever deploys asked for, and in which deployments: `public`, or `nat public`, where one became the
   * other (stack/deployer.ts).
   */
  deployer: v.record(v.string(), v.array(v.string())),
  /** What each program asked for, and who looked at what it had made. */
  others: v.record(v.string(), v.array(v.string())),
});
export type RecordedActions = v.InferOutput<typeof actions>;

const settings = v.object({
  ranWith: provenance,
  settings: v.array(
    v.object({
      setting: v.string(),
      to: v.record(v.string(), v.string()),
      /** What became of a call in progress when it was applied; absent: not applied. */
      callAcross: v.optional(v.string()),
      changes: v.array(v.object({ address: v.string(), kind: v.string(), attributes: v.array(v.string()) })),
    }),
  ),
});
export type RecordedSettings = v.InferOutput<typeof settings>;

export function readActions(): RecordedActions {
  return v.parse(actions, JSON.parse(readFileSync(ACTIONS_FILE, 'utf8')));
}

export function readSettings(): RecordedSettings {
  return v.parse(settings, JSON.parse(readFileSync(SETTINGS_FILE, 'utf8')));
}

/** What other rehearsals saw stays, where it was recorded with the same provider. */
export function writeActions(next: RecordedActions): void {
  const earlier = v.safeParse(v.pipe(v.string(), v.parseJson(), actions), textOf(ACTIONS_FILE));
  write(ACTIONS_FILE, earlier.success ? joined(earlier.output, next) : joined(next, next));
}

/** What both saw; of another provider, only what came last. */
export function joined(earlier: RecordedActions, next: RecordedActions): RecordedActions {
  const all = earlier.ranWith.provider === next.ranWith.provider ? [earlier, next] : [next];
  return {
    ranWith: next.ranWith,
    deployer: unionOf(all.map(({ deployer }) => deployer)),
    others: unionOf(all.map(({ others }) => others)),
  };
}

type Lists = Readonly<Record<string, readonly string[]>>;

function unionOf(all: readonly Lists[]): Record<string, string[]> {
  const names = sorted(all.flatMap((lists) => Object.keys(lists)));
  return Object.fromEntries(
    names.map((name) => [name, sorted(all.flatMap((lists) => lists[name] ?? []))] as const),
  );
}

/** What other rehearsals saw stays: of other settings, and of calls in progress where this one applied nothing. */
export function writeSettings(next: RecordedSettings): void {
  const earlier = v.safeParse(v.pipe(v.string(), v.parseJson(), settings), textOf(SETTINGS_FILE));
  const kept =
    earlier.success && earlier.output.ranWith.provider === next.ranWith.provider
      ? earlier.output.settings
      : [];
  const all = new Map(kept.map((one) => [one.setting, one]));
  for (const one of next.settings) {
    const { changes, ...what } = one;
    all.set(one.setting, { ...what, ...pick(all.get(one.setting)), ...pick(one), changes });
  }
  const inOrder = [...all.values()].sort((a, b) => (a.setting < b.setting ? -1 : 1));
  write(SETTINGS_FILE, { ranWith: next.ranWith, settings: inOrder });
}

function pick(earlier: RecordedSettings['settings'][number] | undefined) {
  return earlier?.callAcross === undefined ? {} : { callAcross: earlier.callAcross };
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function write(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
