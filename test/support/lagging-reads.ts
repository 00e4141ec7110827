/**
 * Reads of DynamoDB that aren't asked to be consistent see nothing of the last write to an item (Developer Guide, “Read
 * consistency”: they may not): so whoever has to know what was written, and doesn't ask for it, is found out. Indexes are
 * left alone, which lag in any case and are asked nothing that has to be so.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';
import {
  CALLS_TABLE,
  CHECKPOINTS_TABLE,
  type TableSchema,
  TRANSCRIPTS_TABLE,
} from '../../contract/tables.ts';

type Item = Record<string, AttributeValue>;

const SCHEMAS: readonly TableSchema[] = [CALLS_TABLE, CHECKPOINTS_TABLE, TRANSCRIPTS_TABLE];
const WRITES: ReadonlySet<string> = new Set(['PutItemCommand', 'UpdateItemCommand', 'DeleteItemCommand']);

/** @param writer another client of the same tables, whose reads are as they are */
export function lagReads(client: DynamoDBClient, writer: DynamoDBClient): void {
  const before = new Map<string, Item | undefined>();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const { input } = args;
        if (WRITES.has(commandName)) {
          const { TableName, Key } = keyOf(input);
          const read = new GetItemCommand({ TableName, Key, ConsistentRead: true });
          const { Item } = await writer.send(read);
          const written = await next(args);
          before.set(nameOf(TableName, Key), Item);
          return written;
        }
        const result = await next(args);
        if (isIndexed(input) || ('ConsistentRead' in input && input.ConsistentRead === true)) return result;
        return { ...result, output: asBefore(input, result.output, before) };
      },
    { step: 'initialize', name: 'laggingReads' },
  );
}

function isIndexed(input: ServiceInputTypes): boolean {
  return 'IndexName' in input && input.IndexName !== undefined;
}

function keyOf(input: ServiceInputTypes): { TableName: string; Key: Item } {
  if (!('TableName' in input) || input.TableName === undefined) throw new Error('a write names its table');
  const { TableName } = input;
  if ('Key' in input && input.Key !== undefined) return { TableName, Key: input.Key };
  if ('Item' in input && input.Item !== undefined) return { TableName, Key: keyAmong(TableName, input.Item) };
  throw new Error('a write has a key');
}

function keyAmong(table: string, item: Item): Item {
  const schema = SCHEMAS.find(({ suffix }) => table.endsWith(suffix));
  if (schema === undefined) throw new Error(`${table} is no table of the deployment`);
  const names = [schema.hashKey, ...(schema.rangeKey === undefined ? [] : [schema.rangeKey])];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

function nameOf(table: string, key: Item): string {
  const entries = Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([table, entries]);
}

/** What a read gives, with each item as it was before it was last written. */
function asBefore(
  input: ServiceInputTypes,
  output: ServiceOutputTypes,
  before: ReadonlyMap<string, Item | undefined>,
): ServiceOutputTypes {
  if (!('TableName' in input) || input.TableName === undefined) return output;
  const { TableName } = input;
  if ('Items' in output && output.Items !== undefined) {
    const Items = output.Items.flatMap((item): Item[] => {
      const name = nameOf(TableName, keyAmong(TableName, item));
      const seen = before.has(name) ? before.get(name) : item;
      return seen === undefined ? [] : [seen];
    });
    return { ...output, Items };
  }
  if (!('Key' in input) || input.Key === undefined) return output;
  const name = nameOf(TableName, input.Key);
  return before.has(name) ? { ...output, Item: before.get(name) } : output;
}
