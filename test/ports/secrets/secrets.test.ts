/** Each adapter reads what the secret is now, and says nothing of it where it can't. */
import { execFileSync } from 'node:child_process';
import { constants, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { FileSecret } from '../../../ports/secrets/file-secret.ts';
import { fixedSecret, type Secret } from '../../../ports/secrets/secret.ts';
import { SecretsManagerSecret } from '../../../ports/secrets/secrets-manager-secret.ts';
import { answering } from '../../support/answering.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:callspool/listener-AbCdEf';

interface Kept {
  readonly secret: Secret;
  readonly change: (value: string | undefined) => Promise<void>;
}

async function inFile(): Promise<Kept> {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'secret');
  return {
    secret: new FileSecret(path),
    change: (value) => (value === undefined ? rm(path) : writeFile(path, `${value}\n`)),
  };
}

/** Secrets Manager's answers, by its API's reference. */
async function inSecretsManager(): Promise<Kept> {
  let current: string | undefined;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const isAsked =
        request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' &&
        (JSON.parse(body.toString()) as { SecretId: string }).SecretId === ARN;
      const isThere = isAsked && current !== undefined;
      response.writeHead(isThere ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(
        JSON.stringify(
          isThere
            ? { ARN, SecretString: current }
            : { __type: 'ResourceNotFoundException', Message: 'there is none' },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return {
    secret: new SecretsManagerSecret(client, ARN),
    change: (value) => {
      current = value;
      return Promise.resolve();
    },
  };
}

test.each([
  ['a file', inFile],
  ['Secrets Manager', inSecretsManager],
])('%s: changed, it is read as it is now', async (_where, keep) => {
  const { secret, change } = await keep();
  await change('{"apiKey": "one"}');
  expect(await secret.read()).toBe('{"apiKey": "one"}');
  await change('{"apiKey": "ünd zwei"}');
  expect(await secret.read()).toBe('{"apiKey": "ünd zwei"}');
  await change(undefined);
  await expect(secret.read()).rejects.toThrow();
});

test('a file may hold as much as Secrets Manager does, and not a byte more', async () => {
  const { secret, change } = await inFile();
  // Its end of line is one of them.
  await change('x'.repeat(65_535));
  expect(await secret.read()).toBe('x'.repeat(65_535));
  await change('x'.repeat(65_536));
  await expect(secret.read()).rejects.toThrow('longer than 65536 bytes');
});

test('a secret that was given never changes', async () => {
  const secret = fixedSecret('one');
  expect([await secret.read(), await secret.read()]).toEqual(['one', 'one']);
});

test('bytes are no secret', async () => {
  const { url } = await answering(() => ({
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: { ARN, SecretBinary: 'AAAA' },
  }));
  const client = new SecretsManagerClient({ region: REGION, endpoint: url, credentials: CREDENTIALS });
  onTestFinished(() => {
    client.destroy();
  });
  await expect(new SecretsManagerSecret(client, ARN).read()).rejects.toThrow('holds bytes, not text');
});

test('a file that can’t be a secret is not read to its end', async () => {
  const { secret, change } = await inFile();
  await change('x'.repeat(100_000));
  await expect(secret.read()).rejects.toThrow('longer than 65536 bytes');
});

test('a file is not kept open', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const pipe = join(dir, 'secret');
  execFileSync('mkfifo', [pipe]);
  const [secret] = await Promise.all([new FileSecret(pipe).read(), writeFile(pipe, 'x')]);
  expect(secret).toBe('x');
  // So says a pipe that nobody has open to read from.
  const { O_WRONLY, O_NONBLOCK } = constants;
  await expect(open(pipe, O_WRONLY | O_NONBLOCK)).rejects.toMatchObject({ code: 'ENXIO' });
});
