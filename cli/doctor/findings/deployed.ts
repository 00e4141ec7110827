/** What is deployed, asked of AWS itself, each part once. Other checks build on it. */
import * as v from 'valibot';
import { type DeployedNames, namesIn } from '../../../contract/names.ts';
import { STATES } from '../../../contract/record-states.ts';
import { CONNECT_VARIABLES } from '../../../contract/variables.ts';
import { instanceOf } from '../../../recording/arn.ts';
import type { Clients } from './clients.ts';
import { NotThere } from './finding.ts';
import { isMissing } from './refusal.ts';

/** What an instance's live media streaming is set to. */
export interface MediaSettings {
  readonly prefix: string;
  readonly retentionHours: number;
  readonly keyArn: string | undefined;
}

export interface Video {
  readonly arn: string;
  readonly name: string;
  readonly retentionHours: number;
  readonly keyArn: string | undefined;
}

const RecordState = v.object({
  Parameters: v.object({
    Cluster: v.string(),
    TaskDefinition: v.string(),
    NetworkConfiguration: v.object({
      AwsvpcConfiguration: v.object({ Subnets: v.array(v.string()) }),
    }),
  }),
});
const States = v.record(v.string(), v.unknown());
const Definition = v.object({ States });
/** Where whoever listens has a task of its own, the states are in branches. */
const Branches = v.object({ Branches: v.array(v.object({ States })) });

/** So many of an instance's streams are looked at; what is found of them is found of the others too. */
const VIDEOS_MAX = 1_000;

export class Deployed {
  readonly prefix: string;
  readonly names: DeployedNames;
  readonly clients: Clients;
  readonly #stateMachineArn: string | undefined;
  readonly #instanceArn: string | undefined;

  constructor(prefix: string, clients: Clients, stateMachineArn?: string, instanceArn?: string) {
    this.prefix = prefix;
    this.names = namesIn(prefix);
    this.clients = clients;
    this.#stateMachineArn = stateMachineArn;
    this.#instanceArn = instanceArn;
  }

  /** @throws NotThere */
  readonly workflow = once(async () => {
    const { sdk, client } = await this.clients.sfn();
    const stateMachineArn = this.#stateMachineArn ?? (await this.#findStateMachine());
    const command = new sdk.DescribeStateMachineCommand({ stateMachineArn });
    const { definition, status, roleArn } = await client.send(command);
    const states = statesOf(v.parse(Definition, JSON.parse(definition ?? '{}')).States);
    const recording = v.safeParse(RecordState, states[STATES.onDemand]);
    const listening = v.safeParse(RecordState, states[STATES.liveOnDemand] ?? states[STATES.listen]);
    if (!recording.success) {
      throw new NotThere(`the state machine ${stateMachineArn} runs no task: it is not callspool’s`);
    }
    const { Cluster, TaskDefinition, NetworkConfiguration } = recording.output.Parameters;
    return {
      arn: stateMachineArn,
      status: status ?? 'UNKNOWN',
      roleArn,
      clusterArn: Cluster,
      taskDefinitionArn: TaskDefinition,
      /** Whether whoever listens has a task beside the recorder's. */
      listensApart: STATES.listen in states,
      /** Undefined where nobody listens to calls. */
      liveTaskDefinitionArn: listening.success ? listening.output.Parameters.TaskDefinition : undefined,
      subnetIds: NetworkConfiguration.AwsvpcConfiguration.Subnets,
    };
  });

  /** @throws NotThere */
  readonly task = once(async () => {
    const { taskDefinitionArn } = await this.workflow();
    const { containers, ...task } = await this.#taskDefinition(taskDefinitionArn);
    const [recorder] = containers;
    return {
      ...task,
      image: recorder?.image ?? '',
      variables: recorder?.variables ?? new Map<string, string>(),
    };
  });

  /** The task of calls that are listened to; undefined where there are none. @throws NotThere */
  readonly liveTask = once(async () => {
    const { liveTaskDefinitionArn } = await this.workflow();
    return liveTaskDefinitionArn === undefined ? undefined : this.#taskDefinition(liveTaskDefinitionArn);
  });

  /** @throws NotThere */
  readonly connectFunction = once(async () => {
    const name = this.names.function('connect');
    const { sdk, client } = await this.clients.lambda();
    try {
      const command = new sdk.GetFunctionConfigurationCommand({ FunctionName: name });
      const { FunctionArn, Environment } = await client.send(command);
      const variables = Environment?.Variables ?? {};
      return {
        arn: FunctionArn ?? '',
        instanceArn: variables[CONNECT_VARIABLES.instanceArn],
        live: variables[CONNECT_VARIABLES.live],
        livePercent: variables[CONNECT_VARIABLES.livePercent],
      };
    } catch (error) {
      if (isMissing(error)) throw new NotThere(`there is no function ${name}`);
      throw error;
    }
  });

  /** @throws NotThere where no instance is wired, and none was named */
  readonly instance = once(async () => {
    const arn = this.#instanceArn ?? (await this.connectFunction()).instanceArn;
    const instance = instanceOf(arn ?? '');
    if (instance === undefined) {
      throw new NotThere('no Connect instance is wired to this deployment (--instance-arn names one)');
    }
    return instance;
  });

  /** Undefined where live media streaming is off. @throws NotThere */
  readonly mediaSettings = once(async (): Promise<MediaSettings | undefined> => {
    const { id } = await this.instance();
    const { sdk, client } = await this.clients.connect();
    const command = new sdk.ListInstanceStorageConfigsCommand({
      InstanceId: id,
      ResourceType: 'MEDIA_STREAMS',
    });
    const { StorageConfigs = [] } = await client.send(command);
    const config = StorageConfigs.map((one) => one.KinesisVideoStreamConfig).find((one) => one !== undefined);
    return (
      config && {
        prefix: config.Prefix ?? '',
        retentionHours: config.RetentionPeriodHours ?? 0,
        keyArn: config.EncryptionConfig?.KeyId,
      }
    );
  });

  /** Streams that Connect has made for the instance: the first thousand. @throws NotThere */
  readonly videos = once(async (): Promise<Video[]> => {
    const settings = await this.mediaSettings();
    if (!settings) throw new NotThere('live media streaming is off');
    const { sdk, client } = await this.clients.kinesisVideo();
    const videos: Video[] = [];
    const condition = {
      ComparisonOperator: 'BEGINS_WITH',
      ComparisonValue: `${settings.prefix}-connect-`,
    } as const;
    for await (const { StreamInfoList = [] } of sdk.paginateListStreams(
      { client },
      { StreamNameCondition: condition },
    )) {
      for (const { StreamARN, StreamName, DataRetentionInHours, KmsKeyId } of StreamInfoList) {
        if (StreamARN === undefined) continue;
        const retentionHours = DataRetentionInHours ?? 0;
        videos.push({ arn: StreamARN, name: StreamName ?? '', retentionHours, keyArn: KmsKeyId });
      }
      if (videos.length >= VIDEOS_MAX) break;
    }
    return videos;
  });

  async #taskDefinition(arn: string) {
    const { sdk, client } = await this.clients.ecs();
    const command = new sdk.DescribeTaskDefinitionCommand({ taskDefinition: arn });
    const { taskDefinition } = await client.send(command);
    return {
      arn,
      status: taskDefinition?.status ?? 'UNKNOWN',
      roleArn: taskDefinition?.taskRoleArn ?? '',
      vCpus: Number(taskDefinition?.cpu ?? 0) / 1024,
      containers: (taskDefinition?.containerDefinitions ?? []).map(
        ({ name = '', image = '', environment = [] }) => ({
          name,
          image,
          variables: new Map(environment.map((one) => [one.name ?? '', one.value ?? ''])),
        }),
      ),
    };
  }

  async #findStateMachine(): Promise<string> {
    const { sdk, client } = await this.clients.sfn();
    for await (const { stateMachines = [] } of sdk.paginateListStateMachines({ client }, {})) {
      const found = stateMachines.find(({ name }) => name === this.names.stateMachine);
      if (found?.stateMachineArn !== undefined) return found.stateMachineArn;
    }
    throw new NotThere(`there is no state machine ${this.names.stateMachine}`);
  }
}

/** Names are given once in a state machine, branches or not. */
function statesOf(states: v.InferOutput<typeof States>): v.InferOutput<typeof States> {
  const both = v.safeParse(Branches, states[STATES.both]);
  if (!both.success) return states;
  const inBranches = both.output.Branches.flatMap((branch) => Object.entries(branch.States));
  return { ...states, ...Object.fromEntries(inBranches) };
}

/** Asked once; whoever asks again gets the same answer, or the same error. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}
