/** What Terraform's state holds of a deployment, as far as calls are recorded by it. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { CONTAINER, LISTENER_CONTAINER } from '../../../contract/names.ts';

const state = v.looseObject({
  resources: v.array(
    v.looseObject({
      mode: v.string(),
      type: v.string(),
      name: v.string(),
      instances: v.array(v.looseObject({ attributes: v.record(v.string(), v.unknown()) })),
    }),
  ),
});

export interface Applied {
  readonly bucket: string;
  readonly tables: { readonly calls: string; readonly checkpoints: string };
  readonly stateMachine: { readonly arn: string; readonly definition: string };
  readonly task: AppliedTask;
  /** With whoever listens beside the recorder, where somebody does. */
  readonly liveTask: AppliedTask | undefined;
  /** Of whoever listens, where that is a task of its own. */
  readonly listenTask: AppliedTask | undefined;
  readonly functions: readonly AppliedFunction[];
}

export interface AppliedTask extends AppliedContainer {
  readonly arn: string;
  /** Containers beside the one that is essential. */
  readonly beside: readonly AppliedContainer[];
}

export interface AppliedContainer {
  readonly containerName: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface AppliedFunction {
  /** `connect`, …: without the deployment's prefix. */
  readonly name: string;
  readonly functionName: string;
  readonly arn: string;
  /** The zip that was uploaded, relative to where Terraform runs. */
  readonly zip: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** @throws when the state holds no deployment, or one of another form. */
export function appliedIn(json: unknown, prefix: string): Applied {
  const { resources } = v.parse(state, json);
  const all = (type: string) =>
    resources
      .filter((resource) => resource.mode === 'managed' && resource.type === type)
      .flatMap(({ instances }) => instances.map(({ attributes }) => attributes));
  const machine = v.parse(
    v.object({ arn: v.string(), definition: v.string() }),
    all('aws_sfn_state_machine')[0],
  );
  const tables = all('aws_dynamodb_table').map(({ name }) => v.parse(v.string(), name));
  return {
    bucket: v.parse(v.string(), all('aws_s3_bucket')[0]?.bucket),
    tables: { calls: endingIn(tables, '-calls'), checkpoints: endingIn(tables, '-checkpoints') },
    stateMachine: machine,
    ...tasksIn(all('aws_ecs_task_definition')),
    functions: all('aws_lambda_function').map((attributes) => functionIn(attributes, prefix)),
  };
}

/** How many resources the state holds. */
export function countManaged(json: unknown): number {
  const { resources } = v.parse(state, json);
  return resources
    .filter(({ mode }) => mode === 'managed')
    .reduce((count, { instances }) => count + instances.length, 0);
}

/** @throws where there is no state. */
export function readState(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8')) as unknown;
}

function endingIn(names: readonly string[], suffix: string): string {
  const found = names.find((name) => name.endsWith(suffix));
  if (found === undefined) throw new Error(`the state holds no table …${suffix}`);
  return found;
}

const containers = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(
    v.looseObject({
      name: v.string(),
      essential: v.boolean(),
      environment: v.array(v.object({ name: v.string(), value: v.string() })),
    }),
  ),
);
const definition = v.looseObject({ arn: v.string(), container_definitions: containers });

function tasksIn(all: readonly unknown[]): Pick<Applied, 'task' | 'liveTask' | 'listenTask'> {
  const tasks = all.map(taskIn);
  const recorders = tasks.filter(({ containerName }) => containerName === CONTAINER);
  const task = recorders.find(({ beside }) => beside.length === 0);
  if (task === undefined) throw new Error('the state holds no task of a recorder alone');
  return {
    task,
    liveTask: recorders.find(({ beside }) => beside.length > 0),
    listenTask: tasks.find(({ containerName }) => containerName === LISTENER_CONTAINER),
  };
}

function taskIn(attributes: unknown): AppliedTask {
  const { arn, container_definitions: all } = v.parse(definition, attributes);
  const described = all.map(({ name, essential, environment }) => ({
    essential,
    containerName: name,
    environment: Object.fromEntries(environment.map((one) => [one.name, one.value])),
  }));
  const main = described.find(({ essential }) => essential);
  if (main === undefined) throw new Error(`the task ${arn} has no essential container`);
  return {
    arn,
    containerName: main.containerName,
    environment: main.environment,
    beside: described.filter(({ essential }) => !essential),
  };
}

const deployedFunction = v.looseObject({
  arn: v.string(),
  function_name: v.string(),
  filename: v.string(),
  timeout: v.number(),
  environment: v.array(v.looseObject({ variables: v.record(v.string(), v.string()) })),
});

function functionIn(attributes: unknown, prefix: string): AppliedFunction {
  const { arn, function_name, filename, timeout, environment } = v.parse(deployedFunction, attributes);
  return {
    name: function_name.slice(prefix.length + 1),
    functionName: function_name,
    arn,
    zip: filename,
    environment: environment[0]?.variables ?? {},
    timeoutMs: timeout * 1000,
  };
}
