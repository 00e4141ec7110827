/** An AWS account with a deployment in good order, over HTTP, as far as the doctor asks; each answer can be changed. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { workflow } from '../../../contract/workflow.ts';
import { endpointOf, type Standin } from '../../../local/standins/standin.ts';

export const REGION = 'eu-west-2';
export const ACCOUNT = '123456789012';
export const PREFIX = 'callspool';
const INSTANCE_ID = '1f0a9a52-6b1e-4c5c-bf34-0d6a3c6f1d11';
export const INSTANCE_ARN = `arn:aws:connect:${REGION}:${ACCOUNT}:instance/${INSTANCE_ID}`;
const CONNECT_FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${PREFIX}-connect`;
export const TASK_ROLE = `arn:aws:iam::${ACCOUNT}:role/${PREFIX}-${REGION}-task`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-4333-8444-555555555555`;
const ECR = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** What is answered, by operation. What is thrown becomes the error's code and message. */
export type Answers = Record<string, (input: Record<string, unknown>) => unknown>;

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message = `${code} it is`) {
    super(message);
    this.code = code;
  }
}

export const refuse = (code: string, message?: string) => () => {
  throw new Refusal(code, message);
};

export function flowContent(options: { directions?: readonly string[]; functionArn?: string } = {}): string {
  const { directions = ['From', 'To'], functionArn = CONNECT_FUNCTION } = options;
  return JSON.stringify({
    Version: '2019-10-30',
    Actions: [
      {
        Identifier: 'stream',
        Type: 'UpdateContactMediaStreamingBehavior',
        Parameters: {
          MediaStreamingState: 'Enabled',
          Participants: [{ ParticipantType: 'Customer', MediaDirections: directions }],
        },
      },
      { Identifier: 'go', Type: 'InvokeLambdaFunction', Parameters: { LambdaFunctionARN: functionArn } },
      { Identifier: 'end', Type: 'DisconnectParticipant' },
    ],
  });
}

const NO_COPIES = 'ReplicationConfigurationNotFoundError';

export function inGoodOrder(): Answers {
  const copying = { GetBucketReplication: refuse(NO_COPIES) };
  return { ...programs(), ...wiring(), ...launching(), ...watching(), ...copying };
}

const LIVE_TASK = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${PREFIX}-live-task:2`;
const SECRET = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:listens-AbCdEf`;

/** The same, where somebody listens to calls. */
export function listenedTo(choice: Readonly<Record<string, string>> = { CALLSPOOL_LIVE: 'on' }): Answers {
  const all = { ...inGoodOrder(), ...programs({ taskDefinitionArn: LIVE_TASK }) };
  const { DescribeTaskDefinition: alone = refuse('Missing') } = all;
  const container = (name: string, image: string, environment: readonly object[]) => ({
    name,
    image,
    environment,
  });
  return {
    ...all,
    DescribeTaskDefinition: (input) =>
      input.taskDefinition === LIVE_TASK
        ? {
            taskDefinition: {
              status: 'ACTIVE',
              cpu: '512',
              containerDefinitions: [
                container('recorder', `${ECR}/${PREFIX}/task:abc123`, []),
                container('listener', `${ECR}/${PREFIX}/task:abc123`, [
                  { name: 'CALLSPOOL_LIVE_SINKS', value: 'websocket,socket' },
                  { name: 'CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN', value: SECRET },
                ]),
                container('consumer', `${ECR}/theirs:1`, []),
              ],
            },
          }
        : alone(input),
    GetFunctionConfiguration: () => ({
      FunctionArn: CONNECT_FUNCTION,
      Environment: {
        Variables: { CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN, CALLSPOOL_EVENT_BUS: 'calls', ...choice },
      },
    }),
    DescribeSecret: () => ({ ARN: SECRET }),
  };
}

function programs(live?: { readonly taskDefinitionArn: string }): Answers {
  const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${PREFIX}`;
  const definition = workflow({
    ...(live && {
      live: { ...live, containerNames: ['recorder'], checkpointsTableName: `${PREFIX}-checkpoints` },
    }),
    clusterArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${PREFIX}`,
    taskDefinitionArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${PREFIX}-task:3`,
    containerName: 'recorder',
    subnetIds: ['subnet-1', 'subnet-2'],
    securityGroupIds: ['sg-1'],
    assignPublicIp: true,
    assembleFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${PREFIX}-assemble`,
    callsTableName: `${PREFIX}-calls`,
    spot: true,
    longestCallSeconds: 43_200,
  });
  return {
    ListStateMachines: () => ({
      stateMachines: [
        { name: 'other', stateMachineArn: 'x' },
        { name: PREFIX, stateMachineArn },
      ],
    }),
    DescribeStateMachine: () => ({
      stateMachineArn,
      status: 'ACTIVE',
      definition: JSON.stringify(definition),
    }),
    GetFunction: () => ({
      Configuration: { State: 'Active', LastUpdateStatus: 'Successful' },
      Concurrency: { ReservedConcurrentExecutions: 25 },
    }),
    GetFunctionConfiguration: () => ({
      FunctionArn: CONNECT_FUNCTION,
      Environment: { Variables: { CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN, CALLSPOOL_EVENT_BUS: 'calls' } },
    }),
    DescribeClusters: () => ({ clusters: [{ status: 'ACTIVE', runningTasksCount: 2 }] }),
    DescribeTaskDefinition: () => ({
      taskDefinition: {
        status: 'ACTIVE',
        cpu: '256',
        taskRoleArn: TASK_ROLE,
        containerDefinitions: [{ image: `${ECR}/${PREFIX}/task:abc123` }],
      },
    }),
    DescribeTable: () => ({ Table: { TableStatus: 'ACTIVE' } }),
  };
}

function wiring(): Answers {
  return {
    ListInstanceStorageConfigs: () => ({
      StorageConfigs: [
        {
          StorageType: 'KINESIS_VIDEO_STREAM',
          KinesisVideoStreamConfig: {
            Prefix: PREFIX,
            RetentionPeriodHours: 24,
            EncryptionConfig: { EncryptionType: 'KMS', KeyId: KEY },
          },
        },
      ],
    }),
    ListStreams: () => ({ StreamInfoList: [video(1), video(2)] }),
    ListLambdaFunctions: () => ({ LambdaFunctions: ['arn:other', CONNECT_FUNCTION] }),
    ListContactFlowModules: () => ({
      ContactFlowModulesSummaryList: [{ Id: 'm1', Name: 'start recording' }],
    }),
    DescribeContactFlowModule: () => ({ ContactFlowModule: { Content: flowContent() } }),
    ListContactFlows: () => ({
      ContactFlowSummaryList: [
        { Id: 'f1', Name: 'Main', ContactFlowState: 'ACTIVE' },
        { Id: 'f2', Name: 'Other', ContactFlowState: 'ACTIVE' },
      ],
    }),
    DescribeContactFlow: ({ id }) => ({
      ContactFlow: {
        Content:
          id === 'f1'
            ? JSON.stringify({ Actions: [{ Type: 'InvokeFlowModule', Parameters: { FlowModuleId: 'm1' } }] })
            : '{"Actions":[]}',
      },
    }),
    DescribeRule: () => ({ State: 'ENABLED' }),
    DescribeEventBus: () => ({ Name: 'calls' }),
    DescribeKey: () => ({ KeyMetadata: { KeyId: KEY, KeyState: 'Enabled' } }),
    GetKeyPolicy: () => ({ Policy: keyPolicy(`arn:aws:iam::${ACCOUNT}:root`) }),
    ListGrants: () => ({ Grants: [] }),
    SimulatePrincipalPolicy: () => simulation('allowed'),
  };
}

export function video(number: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const StreamName = `${PREFIX}-connect-acme-contact-${number}`;
  return {
    StreamName,
    StreamARN: `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${StreamName}/1600000000000`,
    DataRetentionInHours: 24,
    KmsKeyId: KEY,
    ...changes,
  };
}

export function keyPolicy(principal: string): string {
  return JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'logs.amazonaws.com' }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: ['kms:Decrypt', 'kms:DescribeKey'],
        Resource: '*',
      },
    ],
  });
}

/** XML, as IAM answers. */
export function simulation(decision: 'allowed' | 'implicitDeny', action = 'kms:Decrypt'): string {
  return `<EvaluationResults><member><EvalActionName>${action}</EvalActionName><EvalDecision>${decision}</EvalDecision></member></EvaluationResults>`;
}

export function subnets(...free: number[]): string {
  const items = free.map(
    (count, index) =>
      `<item><subnetId>subnet-${index + 1}</subnetId><vpcId>vpc-1</vpcId><availableIpAddressCount>${count}</availableIpAddressCount></item>`,
  );
  return `<subnetSet>${items.join('')}</subnetSet>`;
}

export function ipv6Subnets(): string {
  const items = [1, 2].map(
    (index) =>
      `<item><subnetId>subnet-${index}</subnetId><vpcId>vpc-1</vpcId><availableIpAddressCount>0</availableIpAddressCount><ipv6Native>true</ipv6Native></item>`,
  );
  return `<subnetSet>${items.join('')}</subnetSet>`;
}

/** One table, the VPC's main one. @param routes as XML */
export function routeTables(routes: string): string {
  return `<routeTableSet><item><associationSet><item><main>true</main></item></associationSet><routeSet><item>${routes}</item></routeSet></item></routeTableSet>`;
}

export function subscriptions(...arns: string[]): string {
  const members = arns.map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`);
  return `<Subscriptions>${members.join('')}</Subscriptions>`;
}

function launching(): Answers {
  return {
    DescribeSubnets: () => subnets(200, 180),
    DescribeRouteTables: () =>
      routeTables('<destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><state>active</state>'),
    DescribeImages: () => ({ imageDetails: [{ imageTags: ['abc123'] }] }),
    ListServiceQuotas: ({ ServiceCode }) => ({
      Quotas:
        ServiceCode === 'fargate'
          ? [
              { QuotaName: 'Fargate On-Demand vCPU resource count', Value: 100 },
              { QuotaName: 'Fargate Spot vCPU resource count', Value: 100 },
              { QuotaName: 'Something else', Value: 1 },
            ]
          : ServiceCode === 'transcribe'
            ? [
                { QuotaName: 'Concurrent streams of another kind', QuotaCode: 'L-00000000', Value: 5 },
                { QuotaName: 'Concurrent streams', QuotaCode: 'L-0599F82B', Value: 25 },
              ]
            : [{ QuotaName: 'Number of video streams', Value: 10_000 }],
    }),
    ListTasks: () => ({ taskArns: ['t1', 't2', 't3'] }),
    DescribeTasks: () => ({
      tasks: ['FARGATE_SPOT', 'FARGATE_SPOT', 'FARGATE'].map((capacityProviderName) => ({
        capacityProviderName,
      })),
    }),
  };
}

function watching(): Answers {
  return {
    ListSubscriptionsByTopic: () => subscriptions(`arn:aws:sns:${REGION}:${ACCOUNT}:${PREFIX}-alarms:1`),
    DescribeAlarms: () => ({
      MetricAlarms: [{ AlarmName: `${PREFIX} recording failed`, StateValue: 'OK', ActionsEnabled: true }],
    }),
  };
}

/** REST operations: by method and path. `id` is what the last group matches. */
const ROUTES: readonly (readonly [operation: string, route: RegExp])[] = [
  ['GetFunctionConfiguration', /^GET \/2015-03-31\/functions\/([^/]+)\/configuration$/],
  ['GetFunction', /^GET \/2015-03-31\/functions\/([^/]+)$/],
  ['ListInstanceStorageConfigs', /^GET \/instance\/([^/]+)\/storage-configs$/],
  ['ListLambdaFunctions', /^GET \/instance\/([^/]+)\/lambda-functions$/],
  ['ListContactFlowModules', /^GET \/contact-flow-modules-summary\/([^/]+)$/],
  ['DescribeContactFlowModule', /^GET \/contact-flow-modules\/[^/]+\/([^/]+)$/],
  ['ListContactFlows', /^GET \/contact-flows-summary\/([^/]+)$/],
  ['DescribeContactFlow', /^GET \/contact-flows\/[^/]+\/([^/]+)$/],
  ['ListStreams', /^POST \/listStreams()$/],
  ['GetDataEndpoint', /^POST \/getDataEndpoint()$/],
];

interface Asked {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly xml: boolean;
}

/** @param answers may be changed while it runs */
export async function startAccount(answers: Answers): Promise<Standin> {
  const server = createServer((request, response) => {
    void (async () => {
      const { operation, input, xml } = asked(request, await bodyOf(request));
      try {
        const answer = answers[operation];
        if (!answer) throw new Refusal('UnknownOperationException', `${operation} is not stood in for`);
        const value = answer(input);
        const text = typeof value === 'string' && xml ? xmlAnswer(operation, value) : JSON.stringify(value);
        response.setHeader('content-type', xml ? 'text/xml' : 'application/json').end(text);
      } catch (error) {
        const code = error instanceof Refusal ? error.code : 'TestFailure';
        const message = error instanceof Error ? error.message : String(error);
        response.writeHead(400, { 'x-amzn-errortype': code });
        response.end(xml ? xmlError(code, message) : JSON.stringify({ __type: code, message }));
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: endpointOf(server),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function asked(request: IncomingMessage, body: string): Asked {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const operation = target.slice(target.lastIndexOf('.') + 1);
    return { operation, input: JSON.parse(body) as Record<string, unknown>, xml: false };
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://account');
  if (searchParams.has('replication')) return { operation: 'GetBucketReplication', input: {}, xml: true };
  for (const [operation, route] of ROUTES) {
    const [found, id] = route.exec(`${request.method ?? ''} ${pathname}`) ?? [];
    if (found !== undefined) {
      const given = request.method === 'POST' ? (JSON.parse(body || '{}') as Record<string, unknown>) : {};
      return { operation, input: { ...given, id }, xml: false };
    }
  }
  const form = new URLSearchParams(body);
  return { operation: form.get('Action') ?? pathname, input: Object.fromEntries(form), xml: true };
}

/** EC2 puts the result at the top, the others one deeper. */
function xmlAnswer(operation: string, value: string): string {
  const inner = /^Describe(Subnets|RouteTables)$/.test(operation)
    ? value
    : `<${operation}Result>${value}</${operation}Result>`;
  return `<${operation}Response>${inner}</${operation}Response>`;
}

function xmlError(code: string, message: string): string {
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  // S3’s errors are that alone.
  if (code === NO_COPIES) return `<Error>${error}</Error>`;
  return `<Response><Errors><Error>${error}</Error></Errors><Error>${error}</Error></Response>`;
}
