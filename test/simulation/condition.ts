/** A condition of DynamoDB's, as the workflow's definition states it: equalities and lists of values, all of which must hold. */
import * as v from 'valibot';

const Value = v.union([v.object({ S: v.string() }), v.object({ 'S.$': v.string() })]);
export const ItemWrite = v.object({
  ConditionExpression: v.string(),
  ExpressionAttributeNames: v.record(v.string(), v.string()),
  ExpressionAttributeValues: v.record(v.string(), Value),
});
export type ItemWrite = v.InferOutput<typeof ItemWrite>;

/** @param executionArn what the context's path gives */
export function holds(
  write: ItemWrite,
  item: Readonly<Record<string, unknown>> | undefined,
  executionArn: string,
): boolean {
  const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = write;
  return ConditionExpression.split(' AND ').every((clause) => {
    const [, name = '', list, single] = /^(#\w+) (?:IN \((.*)\)|= (:\w+))$/.exec(clause) ?? [];
    const wanted = (list ?? single ?? '').split(', ').map((placeholder) => {
      const value = ExpressionAttributeValues[placeholder];
      if (!value) throw new Error(`the simulation can’t read the condition “${clause}”`);
      return 'S' in value ? value.S : executionArn;
    });
    const attribute = item?.[ExpressionAttributeNames[name] ?? ''];
    return typeof attribute === 'string' && wanted.includes(attribute);
  });
}
