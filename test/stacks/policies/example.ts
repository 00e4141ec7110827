/** A request that one statement grants, made of the statement itself. */
import type { Context, Question } from './decide.ts';
import type { Policy, Statement } from './documents.ts';

/** Resources of those that a pattern stands for, of each shape that AWS's table has. */
export function examplesOf(pattern: string): string[] {
  if (!pattern.includes('*') || pattern === '*') return [pattern];
  const fill = (text: string) => text.replaceAll('*', 'example');
  return [
    fill(pattern),
    // Streams of a log group.
    fill(pattern.replace(/:\*$/, ':log-stream:example')),
    // Where the resource is all that is there of a kind.
    `${fill(pattern.slice(0, -1))}*`,
  ];
}

/** @param resource of the statement, an example; `*` in a resource's own policy is that resource */
export function granting(policy: Policy, statement: Statement, action: string, resource: string): Question {
  const document = { ...policy.document, Statement: [statement] };
  const { kind, of } = policy;
  const own = kind === 'resource' || kind === 'trust';
  const question = {
    action,
    resource: own && resource === '*' ? of : resource,
    context: contextOf(statement),
  };
  if (kind === 'identity') return { ...question, identity: [document] };
  if (own) return { ...question, ofResource: document, ...askerOf(statement) };
  // An endpoint lets through, and grants nothing by itself.
  const granted = { ...statement };
  delete granted.Principal;
  return { ...question, ofEndpoint: document, identity: [{ ...document, Statement: [granted] }] };
}

/** Where a policy leaves it to the account's IAM policies, somebody whom those allow everything. */
function askerOf({ Principal }: Statement): Pick<Question, 'principal' | 'identity'> {
  const [principal = ''] = typeof Principal === 'object' ? Object.values(Principal) : [];
  if (principal !== '' && !principal.endsWith(':root')) return { principal };
  const all: Statement = { Sid: 'All', Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} };
  return { identity: [{ Version: '2012-10-17', Statement: [all] }] };
}

/** Values under which all conditions hold. */
export function contextOf({ Condition }: Statement): Context {
  const context: Record<string, string | string[]> = {};
  for (const [operator, keyed] of Object.entries(Condition)) {
    for (const [key, [value = '']] of Object.entries(keyed)) {
      const [example = ''] = examplesOf(value);
      context[key] = operator.startsWith('For') ? [example] : example;
    }
  }
  return context;
}
