/** A stand-in for a service that speaks AWS JSON: POST /, the operation's name in X-Amz-Target. */
import Fastify, { type FastifyInstance } from 'fastify';
import { ServiceError } from './json.ts';
import { endpointOf, type Standin } from './standin.ts';

export type Operation = (input: unknown) => unknown;

const BODY_BYTES_MAX = 2 * 1024 * 1024;

/**
 * @param target what X-Amz-Target begins with, `AWSStepFunctions` say
 * @param operations by name; what one returns is the answer's body
 */
export async function startJsonService(
  target: string,
  operations: Readonly<Record<string, Operation>>,
): Promise<Standin> {
  const app = newService();
  for (const version of ['1.0', '1.1']) {
    app.addContentTypeParser(`application/x-amz-json-${version}`, { parseAs: 'string' }, (_, body, done) => {
      try {
        done(null, JSON.parse(String(body)));
      } catch {
        done(new ServiceError('SerializationException', 'the body is no JSON'));
      }
    });
  }
  app.post('/', (request) => {
    const [service, name] = String(request.headers['x-amz-target']).split('.');
    const operation = service === target && name !== undefined ? operations[name] : undefined;
    if (operation === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `${String(name)} is not among what is stood in for`,
      );
    }
    return operation(request.body);
  });
  return listen(app);
}

/** A server that answers errors as AWS's services do; routes are the caller's. */
export function newService(): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  app.setErrorHandler((error, _, reply) => {
    const known = error instanceof ServiceError;
    const code = known ? error.code : 'InternalServerException';
    const message = error instanceof Error ? error.message : String(error);
    return reply
      .status(known ? error.statusCode : 500)
      .header('x-amzn-errortype', code)
      .send({ __type: code, message });
  });
  return app;
}

/** Serves on 127.0.0.1, on a port of its own. */
export async function listen(app: FastifyInstance): Promise<Standin> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: endpointOf(app.server), close: () => app.close() };
}
