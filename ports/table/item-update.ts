/** One conditional write of one item, told by attribute names and values instead of DynamoDB's expressions. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

export interface ItemUpdate {
  readonly key: Readonly<Record<string, string>>;
  /** Attributes to set, beside the key's; one that is undefined is removed. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Attributes to set where there are none; one that is undefined is left alone. */
  readonly setIfAbsent?: Readonly<Record<string, unknown>>;
  /** Numbers to add, to 0 where there is none. */
  readonly add?: Readonly<Record<string, number>>;
  /** With `#attribute` for attributes, and `:attribute` for the values set, or those in `values`. */
  readonly condition?: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** @returns the item as it is after the write, or undefined when the condition refused it. */
export async function updateItem(
  client: DynamoDBClient,
  table: string,
  update: ItemUpdate,
): Promise<Record<string, unknown> | undefined> {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall(update.key),
        ReturnValues: 'ALL_NEW',
        ...expressions(update),
      }),
    );
    return unmarshall(Attributes ?? {});
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

function expressions({ key, setIfAbsent = {}, add = {}, condition, values = {}, ...update }: ItemUpdate) {
  const set = Object.fromEntries(Object.entries(update.set).filter(([name]) => !(name in key)));
  const placed = { ...defined(set), ...defined(setIfAbsent), ...add };
  const removed = Object.keys(set).filter((name) => set[name] === undefined);
  const clauses = [
    clause('SET', [
      ...Object.keys(defined(set)).map((name) => `#${name} = :${name}`),
      ...Object.keys(defined(setIfAbsent)).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    ]),
    clause(
      'REMOVE',
      removed.map((name) => `#${name}`),
    ),
    clause(
      'ADD',
      Object.keys(add).map((name) => `#${name} :${name}`),
    ),
  ];
  const named = [...Object.keys(placed), ...removed, ...(condition?.match(/(?<=#)\w+/g) ?? [])];
  return {
    UpdateExpression: clauses.filter((part) => part !== '').join(' '),
    ExpressionAttributeNames: Object.fromEntries(named.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(
        Object.entries({ ...placed, ...values }).map(([name, value]) => [`:${name}`, value]),
      ),
      { removeUndefinedValues: true },
    ),
    ...(condition !== undefined && { ConditionExpression: condition }),
  };
}

function clause(keyword: string, actions: readonly string[]): string {
  return actions.length === 0 ? '' : `${keyword} ${actions.join(', ')}`;
}

/** Without the attributes that are undefined. */
export function defined(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
