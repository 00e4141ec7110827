/** A change as DynamoDB's expressions (Developer Guide, “Using expressions in DynamoDB”). */
import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Condition } from './condition.ts';
import type { Change, Item, Key } from './table.ts';

type Expressions = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

export function expressionsOf(key: Key, change: Change): Expressions {
  const placeholders = new Placeholders();
  const update = updateOf(key, change, placeholders);
  const condition = change.when && conditionOf(change.when, placeholders);
  return {
    ...(update !== '' && { UpdateExpression: update }),
    ConditionExpression: condition,
    ...placeholders.attributes(),
  };
}

/** Stand for names and values, since a name may be a reserved word. */
class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values: unknown[] = [];

  name(attribute: string): string {
    this.#names.set(`#${attribute}`, attribute);
    return `#${attribute}`;
  }

  value(value: unknown): string {
    return `:v${this.#values.push(value)}`;
  }

  /** None is refused where it is empty. */
  attributes(): Pick<Expressions, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
    const values = Object.fromEntries(this.#values.map((value, index) => [`:v${index + 1}`, value]));
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.length > 0 && {
        ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }),
      }),
    };
  }
}

function updateOf(key: Key, { set = {}, setIfAbsent = {}, add = {} }: Change, to: Placeholders): string {
  const entries = (item: Item) => Object.entries(item).filter(([name]) => !(name in key));
  const isDefined = ([, value]: [string, unknown]) => value !== undefined;
  const sets = entries(set).filter(isDefined);
  const removed = entries(set).filter((entry) => !isDefined(entry));
  return [
    clause('SET', [
      ...sets.map(([name, value]) => `${to.name(name)} = ${to.value(value)}`),
      ...entries(setIfAbsent)
        .filter(isDefined)
        .map(([name, value]) => `${to.name(name)} = if_not_exists(${to.name(name)}, ${to.value(value)})`),
    ]),
    clause(
      'REMOVE',
      removed.map(([name]) => to.name(name)),
    ),
    clause(
      'ADD',
      entries(add).map(([name, value]) => `${to.name(name)} ${to.value(value)}`),
    ),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function clause(keyword: string, actions: readonly string[]): string {
  return actions.length === 0 ? '' : `${keyword} ${actions.join(', ')}`;
}

const OPERATORS = {
  equals: '=',
  below: '<',
  atMost: '<=',
  above: '>',
  shorter: '<',
  asLong: '=',
  longer: '>',
} as const;

function conditionOf(condition: Condition, to: Placeholders): string {
  switch (condition.is) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((one) => conditionOf(one, to));
      // Parentheses around parentheses are refused.
      return parts.length === 1
        ? parts.join('')
        : `(${parts.join(condition.is === 'all' ? ' AND ' : ' OR ')})`;
    }
    case 'absent':
      return `attribute_not_exists(${to.name(condition.attribute)})`;
    case 'present':
      return `attribute_exists(${to.name(condition.attribute)})`;
    case 'shorter':
    case 'asLong':
    case 'longer': {
      const { is, attribute, length } = condition;
      return `size(${to.name(attribute)}) ${OPERATORS[is]} ${to.value(length)}`;
    }
    case 'equals':
    case 'below':
    case 'atMost':
    case 'above': {
      const { is, attribute, value } = condition;
      return `${to.name(attribute)} ${OPERATORS[is]} ${to.value(value)}`;
    }
  }
}
