/**
 * Decides which deployment, or which local run, a command works on. No other place does; each value is taken
 * from the first of these that gives it:
 *
 * | value | option | environment and checkout | else |
 * |---|---|---|---|
 * | credentials | `--profile` | the AWS SDK's standard way (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, SSO, a role, …) | |
 * | region | `--region` | `CALLSPOOL_REGION`; `region` in cdktf.json; that of `instanceArn`; `AWS_REGION`; `AWS_DEFAULT_REGION` | the profile's |
 * | name prefix | `--prefix` | `CALLSPOOL_PREFIX`; `prefix` in cdktf.json | `callspool` |
 * | calls table | `--calls-table` | `CALLSPOOL_CALLS_TABLE` | `<prefix>-calls` |
 * | checkpoints table | `--checkpoints-table` | `CALLSPOOL_CHECKPOINTS_TABLE` | `<prefix>-checkpoints` |
 * | table of what was said | `--transcripts-table` | `CALLSPOOL_TRANSCRIPTS_TABLE` | `<prefix>-transcripts` |
 * | bucket | `--bucket` | `CALLSPOOL_BUCKET` | `<prefix>-<account>-<region>` of the call's execution; a record that names another is refused |
 * | state machine | `--state-machine-arn` | `CALLSPOOL_STATE_MACHINE_ARN` | that of the call's execution |
 * | local run | `--local DIR` | `CALLSPOOL_LOCAL` | `local-out`, if it is there and nothing above is given |
 *
 * A local run named by `--local` comes first; one named by `CALLSPOOL_LOCAL` gives way to any option above. Where a
 * variable or cdktf.json names a deployment, `local-out` is passed over, and that is said: whoever looks for a call at
 * night must not be shown a sample.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Environment } from '../../contract/environment.ts';
import { namesIn } from '../../contract/names.ts';
import { COMMAND_VARIABLES } from '../../contract/variables.ts';
import { instanceOf } from '../../recording/arn.ts';
import { CliError, EXIT } from '../terminal/exit.ts';

export interface AwsDeployment {
  readonly kind: 'aws';
  readonly profile?: string;
  readonly region?: string;
  readonly prefix: string;
  readonly callsTable: string;
  readonly checkpointsTable: string;
  readonly transcriptsTable: string;
  readonly bucket?: string;
  readonly stateMachineArn?: string;
  /** The working folder holds a local run, and no option says that it isn't meant. */
  readonly passedOver?: PassedOver;
}

export interface PassedOver {
  /** What names the deployment: a variable, or cdktf.json. */
  readonly because: string;
}

export interface LocalRun {
  readonly kind: 'local';
  readonly dir: string;
  /** Nothing named it. */
  readonly byDefault: boolean;
}

export type Deployment = AwsDeployment | LocalRun;

const DEFAULT_PREFIX = 'callspool';
export const DEFAULT_LOCAL = 'local-out';

/** These options of yargs go with every command. */
export const DEPLOYMENT_OPTIONS = {
  profile: { describe: 'AWS profile' },
  region: { describe: 'AWS region' },
  prefix: { describe: 'Name prefix of the deployment', defaultDescription: DEFAULT_PREFIX },
  'calls-table': { describe: 'Table of call records', defaultDescription: '<prefix>-calls' },
  'checkpoints-table': { describe: 'Table of checkpoints', defaultDescription: '<prefix>-checkpoints' },
  'transcripts-table': { describe: 'Table of what was said', defaultDescription: '<prefix>-transcripts' },
  bucket: { describe: 'Bucket of tapes and recordings', defaultDescription: 'the deployment’s' },
  'state-machine-arn': { describe: 'The workflow’s state machine', defaultDescription: 'the call’s' },
  local: { describe: 'Folder of a local run, instead of AWS', defaultDescription: DEFAULT_LOCAL },
} as const;
export const DEPLOYMENT_GROUP = 'Deployment (docs/OPERATING.md):';

const Given = v.object(
  v.entriesFromList(
    [
      'profile',
      'region',
      'prefix',
      'calls-table',
      'checkpoints-table',
      'transcripts-table',
      'bucket',
      'state-machine-arn',
      'local',
    ],
    v.optional(v.pipe(v.string(), v.nonEmpty())),
  ),
);

/**
 * @param args as yargs has parsed them; what isn't about the deployment is passed over
 * @throws CliError for a value that was given twice, or is empty
 */
export function deploymentOf(args: unknown, env: Environment, cwd: string = process.cwd()): Deployment {
  const parsed = v.safeParse(Given, args);
  if (!parsed.success) {
    const option = v.getDotPath(parsed.issues[0]) ?? '';
    throw new CliError(EXIT.usage, `give --${option} once, with a value`);
  }
  const given = parsed.output;
  const { local: localOption, ...options } = given;
  if (localOption !== undefined) return { kind: 'local', dir: localOption, byDefault: false };
  const optionNames = Object.values(options).some((value) => value !== undefined);
  const localVariable = variable(env, COMMAND_VARIABLES.local);
  if (!optionNames && localVariable !== undefined)
    return { kind: 'local', dir: localVariable, byDefault: false };

  const checkout = checkoutSettings(cwd);
  const deployment = awsDeployment(resolve(given, env, checkout));
  const isThere = existsSync(join(cwd, DEFAULT_LOCAL, 'tables'));
  if (optionNames || !isThere) return deployment;
  const because = namedBy(env, checkout);
  if (because === undefined) return { kind: 'local', dir: join(cwd, DEFAULT_LOCAL), byDefault: true };
  return { ...deployment, passedOver: { because } };
}

function resolve(given: v.InferOutput<typeof Given>, env: Environment, checkout: CheckoutSettings): Resolved {
  return {
    profile: given.profile,
    region: given.region ?? regionOf(env, checkout),
    prefix: given.prefix ?? variable(env, COMMAND_VARIABLES.prefix) ?? checkout.prefix,
    callsTable: given['calls-table'] ?? variable(env, COMMAND_VARIABLES.callsTable),
    checkpointsTable: given['checkpoints-table'] ?? variable(env, COMMAND_VARIABLES.checkpointsTable),
    transcriptsTable: given['transcripts-table'] ?? variable(env, COMMAND_VARIABLES.transcriptsTable),
    bucket: given.bucket ?? variable(env, COMMAND_VARIABLES.bucket),
    stateMachineArn: given['state-machine-arn'] ?? variable(env, COMMAND_VARIABLES.stateMachineArn),
  };
}

const NAMING_VARIABLES = [
  COMMAND_VARIABLES.prefix,
  COMMAND_VARIABLES.region,
  COMMAND_VARIABLES.instanceArn,
  COMMAND_VARIABLES.callsTable,
  COMMAND_VARIABLES.checkpointsTable,
  COMMAND_VARIABLES.transcriptsTable,
  COMMAND_VARIABLES.bucket,
  COMMAND_VARIABLES.stateMachineArn,
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
];

/** What names a deployment, beside the options; undefined: nothing does. */
function namedBy(env: Environment, checkout: CheckoutSettings): string | undefined {
  const set = NAMING_VARIABLES.find((name) => variable(env, name) !== undefined);
  return set ?? (Object.keys(checkout).length > 0 ? 'cdktf.json' : undefined);
}

/** Decides as the stack does (stacks/config/config.ts); only that takes us-east-1 where nothing is set. */
function regionOf(env: Environment, checkout: CheckoutSettings): string | undefined {
  const instanceArn = variable(env, COMMAND_VARIABLES.instanceArn) ?? checkout.instanceArn;
  return (
    variable(env, COMMAND_VARIABLES.region) ??
    checkout.region ??
    instanceOf(instanceArn ?? '')?.region ??
    variable(env, 'AWS_REGION') ??
    variable(env, 'AWS_DEFAULT_REGION')
  );
}

type Resolved = Partial<Record<Exclude<keyof AwsDeployment, 'kind' | 'passedOver'>, string | undefined>>;

function awsDeployment({ profile, region, bucket, stateMachineArn, ...names }: Resolved): AwsDeployment {
  const prefix = names.prefix ?? DEFAULT_PREFIX;
  const own = namesIn(prefix);
  return {
    kind: 'aws',
    prefix,
    callsTable: names.callsTable ?? own.callsTable,
    checkpointsTable: names.checkpointsTable ?? own.checkpointsTable,
    transcriptsTable: names.transcriptsTable ?? own.transcriptsTable,
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    ...(bucket !== undefined && { bucket }),
    ...(stateMachineArn !== undefined && { stateMachineArn }),
  };
}

function variable(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

const Text = v.optional(v.string());
const Checkout = v.object({
  context: v.object({ callspool: v.object({ prefix: Text, region: Text, instanceArn: Text }) }),
});

interface CheckoutSettings {
  readonly prefix?: string;
  readonly region?: string;
  readonly instanceArn?: string;
}

/** What `cdktf deploy` was given in the same folder; nothing where there is no such file. */
function checkoutSettings(cwd: string): CheckoutSettings {
  let text: string;
  try {
    text = readFileSync(join(cwd, 'cdktf.json'), 'utf8');
  } catch {
    return {};
  }
  const parsed = v.safeParse(Checkout, jsonOf(text));
  if (!parsed.success) return {};
  const { prefix, region, instanceArn } = parsed.output.context.callspool;
  return { ...(prefix && { prefix }), ...(region && { region }), ...(instanceArn && { instanceArn }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
