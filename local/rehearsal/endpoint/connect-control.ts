/** Amazon Connect's control plane, as far as a deployment and the doctor ask it; one instance, with one queue. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { checked, type Json, ServiceError } from '../../standins/json.ts';
import { type Flows, newFlows } from './connect-flows.ts';

export interface ConnectControl {
  /** @throws ServiceError */
  answer(operation: string, request: ConnectRequest): Json;
  /** What it holds that a deployment has made; nothing before, and nothing after. */
  leftovers(): string[];
}

export interface ConnectRequest {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export type ConnectOperation = (request: ConnectRequest) => Json;

const ALIAS = 'rehearsal';
const QUEUE = { id: '66666666-7777-4888-8999-000000000001', name: 'BasicQueue' };

const kinesisConfig = v.looseObject({
  Prefix: v.string(),
  RetentionPeriodHours: v.number(),
  EncryptionConfig: v.object({ EncryptionType: v.string(), KeyId: v.string() }),
});
const storage = v.object({
  ResourceType: v.optional(v.string()),
  StorageConfig: v.looseObject({ StorageType: v.string(), KinesisVideoStreamConfig: kinesisConfig }),
});
type StorageConfig = v.InferOutput<typeof storage>['StorageConfig'];

const association = v.object({ FunctionArn: v.string() });
const tagged = v.object({ tags: v.record(v.string(), v.string()) });

export function newConnectControl(instanceArn: string): ConnectControl {
  const storages = newStorages();
  const functions = new Set<string>();
  const tags = new Map<string, Record<string, string>>();
  const flows: Flows = newFlows(instanceArn, functions, tags);
  const operations: Readonly<Record<string, ConnectOperation>> = {
    ...storages.operations,
    ...flows.operations,
    ...functionOperations(functions),
    ...instanceOperations(instanceArn),
    ...tagOperations(tags),
  };
  const instanceId = instanceArn.slice(instanceArn.lastIndexOf('/') + 1);
  return {
    answer: (name, request) => {
      const { InstanceId } = request.labels;
      if (InstanceId !== undefined && ![instanceId, instanceArn].includes(InstanceId)) {
        throw new ServiceError('ResourceNotFoundException', `Instance not found: ${InstanceId}`, 404);
      }
      const operation = operations[name];
      if (operation === undefined) {
        throw new ServiceError('UnknownOperationException', `Connect’s ${name} is not stood in for`);
      }
      return operation(request);
    },
    leftovers: () => [
      ...storages.ids().map((id) => `storage of media streams ${id}`),
      ...[...functions].map((arn) => `function association ${arn}`),
      ...flows.names(),
    ],
  };
}

/**
 * An instance has one setting for media streams. Read back, its prefix has `-connect-<alias>-contact-` at its end
 * (KinesisVideoStreamConfig, API reference).
 */
function newStorages() {
  const standing = new Map<string, { resourceType: string; config: StorageConfig }>();
  const find = (id = '') => {
    const found = standing.get(id);
    if (found) return found;
    throw new ServiceError('ResourceNotFoundException', `no storage association ${id}`, 404);
  };
  const described = (id: string, { config }: { config: StorageConfig }): Json => ({
    AssociationId: id,
    StorageType: config.StorageType,
    KinesisVideoStreamConfig: {
      ...config.KinesisVideoStreamConfig,
      Prefix: `${config.KinesisVideoStreamConfig.Prefix}-connect-${ALIAS}-contact-`,
    },
  });
  const operations: Record<string, ConnectOperation> = {
    AssociateInstanceStorageConfig: ({ body }) => {
      const { ResourceType = '', StorageConfig } = checked(storage, body);
      if ([...standing.values()].some(({ resourceType }) => resourceType === ResourceType)) {
        throw new ServiceError('ResourceConflictException', `${ResourceType} has its storage already`, 409);
      }
      const id = randomUUID();
      standing.set(id, { resourceType: ResourceType, config: StorageConfig });
      return { AssociationId: id };
    },
    UpdateInstanceStorageConfig: ({ body, labels: { AssociationId } }) => {
      const { resourceType } = find(AssociationId);
      standing.set(AssociationId ?? '', { resourceType, config: checked(storage, body).StorageConfig });
      return {};
    },
    DescribeInstanceStorageConfig: ({ labels: { AssociationId = '' } }) => ({
      StorageConfig: described(AssociationId, find(AssociationId)),
    }),
    DisassociateInstanceStorageConfig: ({ labels: { AssociationId } }) => {
      find(AssociationId);
      standing.delete(AssociationId ?? '');
      return {};
    },
    ListInstanceStorageConfigs: ({ query }) => ({
      StorageConfigs: [...standing]
        .filter(([, { resourceType }]) => resourceType === query.get('resourceType'))
        .map(([id, stored]) => described(id, stored)),
    }),
  };
  return { operations, ids: () => [...standing.keys()] };
}

function functionOperations(functions: Set<string>): Record<string, ConnectOperation> {
  return {
    AssociateLambdaFunction: ({ body }) => {
      functions.add(checked(association, body).FunctionArn);
      return {};
    },
    DisassociateLambdaFunction: ({ query }) => {
      functions.delete(query.get('functionArn') ?? '');
      return {};
    },
    ListLambdaFunctions: () => ({ LambdaFunctions: [...functions] }),
  };
}

function instanceOperations(instanceArn: string): Record<string, ConnectOperation> {
  const queueArn = `${instanceArn}/queue/${QUEUE.id}`;
  return {
    DescribeInstance: () => ({
      Instance: {
        Id: instanceArn.slice(instanceArn.lastIndexOf('/') + 1),
        Arn: instanceArn,
        InstanceAlias: ALIAS,
        InstanceStatus: 'ACTIVE',
        IdentityManagementType: 'CONNECT_MANAGED',
      },
    }),
    ListQueues: () => ({
      QueueSummaryList: [{ Id: QUEUE.id, Arn: queueArn, Name: QUEUE.name, QueueType: 'STANDARD' }],
    }),
    DescribeQueue: ({ labels: { QueueId } }) => {
      if (QueueId !== QUEUE.id) throw new ServiceError('ResourceNotFoundException', 'no such queue', 404);
      return { Queue: { QueueId, QueueArn: queueArn, Name: QUEUE.name, Status: 'ENABLED', Tags: {} } };
    },
  };
}

function tagOperations(tags: Map<string, Record<string, string>>): Record<string, ConnectOperation> {
  return {
    TagResource: ({ labels: { resourceArn = '' }, body }) => {
      tags.set(resourceArn, { ...tags.get(resourceArn), ...checked(tagged, body).tags });
      return {};
    },
    UntagResource: ({ labels: { resourceArn = '' }, query }) => {
      const gone = query.getAll('tagKeys');
      const left = Object.entries(tags.get(resourceArn) ?? {}).filter(([key]) => !gone.includes(key));
      tags.set(resourceArn, Object.fromEntries(left));
      return {};
    },
    ListTagsForResource: ({ labels: { resourceArn = '' } }) => ({ tags: tags.get(resourceArn) ?? {} }),
  };
}
