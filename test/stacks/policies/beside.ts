/** What lies one name beside what is asked for, and must be refused. */
import type { Context, Question } from './decide.ts';

type Asked = Pick<Question, 'action' | 'resource' | 'context'>;

const OTHER = 'other-';

/** Another bucket, table, stream, instance, …; another region; another account; another prefix of keys. */
export function beside({ action, resource, context }: Asked): Asked[] {
  const [arn = '', partition = '', service = '', region = '', account = '', ...rest] = resource.split(':');
  const name = rest.join(':');
  const other = (...parts: string[]) => [arn, partition, service, ...parts].join(':');
  const resources =
    service === 's3'
      ? [
          other('', '', `${OTHER}${name}`),
          ...(name.includes('/') ? [other('', '', name.replace('/', `/${OTHER}`))] : []),
        ]
      : [
          other(region, account, name.replace(/^(\w[\w-]*[:/])?/, `$1${OTHER}`)),
          ...(region === '' ? [] : [other('eu-north-1', account, name)]),
          ...(account === '' ? [] : [other(region, '210987654321', name)]),
        ];
  return resources.map((one) => ({ action, resource: one, ...(context && { context }) }));
}

/** The same with one condition key that says something else, or nothing. */
export function otherwise(context: Context): Context[] {
  return Object.entries(context).flatMap(([key, value]) => {
    const rest = Object.fromEntries(Object.entries(context).filter(([name]) => name !== key));
    const said = typeof value === 'string' ? `${OTHER}${value}` : [...value, `${OTHER}attribute`];
    return [{ ...rest, [key]: said }];
  });
}
