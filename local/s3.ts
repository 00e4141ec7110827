/** Amazon S3's stand-in: the S3 part of fauxqs, embedded, in memory. A single Put takes 11 MiB at most. */
import { buildApp } from 'fauxqs';
import { endpointOf, type Standin } from './standin.ts';

export interface S3Standin extends Standin {
  createBucket(name: string): Promise<void>;
}

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_S3` to `url`. */
export async function startS3(): Promise<S3Standin> {
  // Not fauxqs's own start function, which listens on every interface.
  const app = buildApp({ logger: false });
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
