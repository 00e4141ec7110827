/** What the workflow's Task states call: Step Functions' service integrations, on the stand-ins. */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Ecs } from '../standins/ecs.ts';
import type { Resource } from '../standins/execution.ts';
import { checked, type Json } from '../standins/json.ts';
import type { LambdaStandin } from '../standins/lambda.ts';
import { StatesError } from '../standins/states-error.ts';

const invokeParameters = v.object({
  FunctionName: v.string(),
  Payload: v.record(v.string(), v.string()),
});

const stringValues = v.record(v.string(), v.object({ S: v.string() }));
const updateItemParameters = v.object({
  TableName: v.string(),
  Key: stringValues,
  UpdateExpression: v.string(),
  ConditionExpression: v.string(),
  ExpressionAttributeNames: v.record(v.string(), v.string()),
  ExpressionAttributeValues: stringValues,
});

const getItemParameters = v.object({
  TableName: v.string(),
  Key: stringValues,
  ConsistentRead: v.boolean(),
  ProjectionExpression: v.string(),
  ExpressionAttributeNames: v.record(v.string(), v.string()),
});

/** What Task states call, by their `Resource`. */
export function resources(
  ecs: Ecs,
  lambda: LambdaStandin,
  dynamoDb: DynamoDBClient,
): Record<string, Resource> {
  return {
    'arn:aws:states:::ecs:runTask.sync': (parameters, signal) => ecs.runTask(parameters, signal),
    'arn:aws:states:::ecs:runTask': (parameters, signal) => ecs.beginTask(parameters, signal),
    'arn:aws:states:::lambda:invoke': async (parameters) => {
      const { FunctionName, Payload } = checked(invokeParameters, parameters);
      return {
        ExecutedVersion: '$LATEST',
        Payload: await lambda.invoke(FunctionName, Payload),
        StatusCode: 200,
      };
    },
    'arn:aws:states:::dynamodb:updateItem': itemUpdates(dynamoDb),
    'arn:aws:states:::dynamodb:getItem': itemReads(dynamoDb),
  };
}

/** The workflow's own writes. */
export function itemUpdates(dynamoDb: DynamoDBClient): Resource {
  return async (parameters, signal) => {
    const command = new UpdateItemCommand(checked(updateItemParameters, parameters));
    await orItsError(dynamoDb.send(command, { abortSignal: signal }));
    return { SdkHttpMetadata: { HttpStatusCode: 200 } };
  };
}

/** What it reads: an item as it stands; without one the answer has no `Item`. */
function itemReads(dynamoDb: DynamoDBClient): Resource {
  return async (parameters, signal) => {
    const command = new GetItemCommand(checked(getItemParameters, parameters));
    const { Item } = await orItsError(dynamoDb.send(command, { abortSignal: signal }));
    const answer = { ...(Item && { Item }), SdkHttpMetadata: { HttpStatusCode: 200 } };
    return JSON.parse(JSON.stringify(answer)) as Json;
  };
}

/** Names an error as Step Functions does. */
async function orItsError<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new StatesError(`DynamoDB.${name}`, message);
  }
}
