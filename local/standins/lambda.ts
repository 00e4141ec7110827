/** AWS Lambda's stand-in: Invoke, for the functions as they are deployed. */
import * as v from 'valibot';
import { listen, newService } from './aws-json.ts';
import { type FunctionDefinition, newPool } from './function-pool.ts';
import { checked, type Json, ServiceError } from './json.ts';
import type { Logs } from './logs.ts';
import type { Standin } from './standin.ts';
import { StatesError } from './states-error.ts';

export interface LambdaStandin extends Standin {
  /** @throws StatesError named as Lambda names the error: by the error's own name, or why there was no answer. */
  invoke(arn: string, event: Json): Promise<Json>;
}

const params = v.object({ name: v.string() });

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_LAMBDA` to `url`. */
export async function startLambda(
  definitions: readonly FunctionDefinition[],
  logs: Logs,
): Promise<LambdaStandin> {
  const pools = new Map(definitions.map((definition) => [definition.arn, newPool(definition, logs)]));
  const poolOf = (name: string) =>
    pools.get(name) ?? [...pools].find(([arn]) => arn.endsWith(`:${name}`))?.[1];
  const invoke = async (name: string, event: Json) => {
    const pool = poolOf(name);
    if (pool === undefined) throw new ServiceError('ResourceNotFoundException', `no function ${name}`, 404);
    return pool.invoke(event);
  };

  const app = newService();
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    done(null, body);
  });
  app.post('/2015-03-31/functions/:name/invocations', async (request, reply) => {
    const { name } = checked(params, request.params);
    const event = typeof request.body === 'string' && request.body !== '' ? request.body : 'null';
    try {
      return await reply.send(JSON.stringify(await invoke(name, JSON.parse(event) as Json)));
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      return reply.header('x-amz-function-error', 'Unhandled').send(error.message);
    }
  });
  const standin = await listen(app);
  return {
    url: standin.url,
    invoke,
    close: async () => {
      await standin.close();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}
