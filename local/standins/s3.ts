/**
 * Amazon S3's stand-in: the S3 part of fauxqs, embedded, in memory. A single Put takes 11 MiB at most. Conditional
 * writes, which fauxqs doesn't know, are held to their conditions here, one at a time.
 */
import { buildApp } from 'fauxqs';
import { endpointOf, type Standin } from './standin.ts';

export interface S3Standin extends Standin {
  createBucket(name: string): Promise<void>;
}

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_S3` to `url`. */
export async function startS3(): Promise<S3Standin> {
  // Not fauxqs's own start function, which listens on every interface.
  const app = buildApp({ logger: false });
  holdToConditions(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: endpointOf(app.server),
    createBucket: async (name) => {
      const { statusCode } = await app.inject({ method: 'PUT', url: `/${name}` });
      if (statusCode !== 200) throw new Error(`no bucket ${name}: HTTP ${String(statusCode)}`);
    },
    close: () => app.close(),
  };
}

type App = ReturnType<typeof buildApp>;

/** If-Match, and `If-None-Match: *`, of PutObject and CompleteMultipartUpload. */
function holdToConditions(app: App): void {
  let last = Promise.resolve();
  app.addHook('preHandler', async ({ method, url, headers }, reply) => {
    const { 'if-match': match, 'if-none-match': noneMatch } = headers;
    if (!['PUT', 'POST'].includes(method) || (match === undefined && noneMatch === undefined)) return;
    const before = last;
    last = new Promise((resolve) => {
      if (reply.raw.destroyed) resolve();
      else reply.raw.once('close', resolve);
    });
    await before;
    const { statusCode, headers: standing } = await app.inject({ method: 'HEAD', url: pathOf(url) });
    const etag = statusCode === 200 ? standing.etag : undefined;
    if (noneMatch === undefined ? etag === match : etag === undefined) return;
    const isGone = etag === undefined;
    const [status, code] = isGone ? [404, 'NoSuchKey'] : [412, 'PreconditionFailed'];
    reply.code(status).type('application/xml').send(`<Error><Code>${code}</Code></Error>`);
    await reply;
  });
}

const pathOf = (url: string) => url.split('?')[0] ?? url;
