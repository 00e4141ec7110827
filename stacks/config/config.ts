/**
 * The configuration of a deployment, read once and checked once. Each setting comes from the environment
 * (`CALLSPOOL_…`), else from `context.callspool` in `cdktf.json`, else it has its default.
 */
import * as v from 'valibot';
import type { Environment } from '../../contract/environment.ts';
import { type Instance, instanceOf } from '../../recording/arn.ts';
import { contradictions } from './contradictions.ts';
import {
  aboutSetting,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
  type Settings,
  settingVariable,
} from './settings.ts';

/** The settings, with what follows from them filled in. */
export interface Config extends Settings {
  readonly region: string;
  readonly mediaStreamPrefix: string;
  /** The instance that `instanceArn` names. */
  readonly instance: Instance | undefined;
}

/** When settings are wrong. One line each: which, why, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

interface Given {
  readonly text: string;
  readonly from: string;
}
type AllGiven = Partial<Record<SettingName, Given>>;

const CONTEXT = 'context.callspool in cdktf.json';
const FALLBACK_REGION = 'us-east-1';

/** @param context `context.callspool` of cdktf.json. @throws ConfigError with every problem that was found. */
export function readConfig(env: Environment, context: unknown = {}): Config {
  const problems: string[] = [];
  const given: AllGiven = { ...fromContext(context, problems), ...fromEnvironment(env) };
  const texts = SETTING_NAMES.map(
    (name) => [name, given[name]?.text ?? aboutSetting(name).fallback] as const,
  );
  const parsed = v.safeParse(SETTINGS, Object.fromEntries(texts), { abortPipeEarly: true });
  if (!parsed.success) problems.push(...parsed.issues.map((issue) => describe(issue, given)));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const config = complete(parsed.output, env);
  const contradicting = contradictions(config, (name) => given[name] !== undefined);
  if (contradicting.length > 0) throw new ConfigError(contradicting);
  return config;
}

function fromEnvironment(env: Environment): AllGiven {
  const entries = SETTING_NAMES.flatMap((name) => {
    const variable = settingVariable(name);
    const text = env[variable];
    return text === undefined ? [] : [[name, { text: text.trim(), from: variable }] as const];
  });
  return Object.fromEntries(entries);
}

const CONTEXT_VALUE = v.union([
  v.string(),
  v.pipe(v.number(), v.transform(String)),
  v.pipe(v.boolean(), v.transform(String)),
  v.pipe(
    v.array(v.string()),
    v.transform((items) => items.join(',')),
  ),
]);

function fromContext(context: unknown, problems: string[]): AllGiven {
  const record = v.safeParse(v.record(v.string(), v.unknown()), context);
  if (!record.success) {
    problems.push(`${CONTEXT} must be an object of settings`);
    return {};
  }
  const given: AllGiven = {};
  for (const [key, value] of Object.entries(record.output)) {
    const name = SETTING_NAMES.find((known) => known === key);
    const text = v.safeParse(CONTEXT_VALUE, value);
    if (name === undefined)
      problems.push(`${key} (${CONTEXT}) is no setting; known: ${SETTING_NAMES.join(', ')}`);
    else if (!text.success) problems.push(`${key} (${CONTEXT}) must be ${aboutSetting(name).allowed}`);
    else given[name] = { text: text.output.trim(), from: CONTEXT };
  }
  return given;
}

function describe(issue: v.BaseIssue<unknown>, given: AllGiven): string {
  const name = SETTING_NAMES.find((known) => known === issue.path?.[0]?.key);
  if (name === undefined) return issue.message;
  const { text, from } = given[name] ?? { text: '', from: 'the default' };
  return `${name} is "${text}" (${from}), which is ${issue.message}: allowed is ${aboutSetting(name).allowed}`;
}

function complete(settings: Settings, env: Environment): Config {
  const instance = settings.instanceArn === undefined ? undefined : instanceOf(settings.instanceArn);
  return {
    ...settings,
    instance,
    region:
      settings.region ??
      instance?.region ??
      nonEmpty(env.AWS_REGION) ??
      nonEmpty(env.AWS_DEFAULT_REGION) ??
      FALLBACK_REGION,
    mediaStreamPrefix: settings.mediaStreamPrefix ?? settings.prefix,
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
