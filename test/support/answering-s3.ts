/** S3 as a test says that it answers, and a client of it; both end with the test. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { type Answer, type Answering, answering } from './answering.ts';
import { CREDENTIALS, REGION } from './standins.ts';

/** @param config beside where it is: how long it waits, how often it tries */
export function s3ClientOn(endpoint: string, config: S3ClientConfig): S3Client {
  const client = new S3Client({
    ...config,
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
  });
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

export async function answeringS3(
  answer: Parameters<typeof answering>[0],
  config: S3ClientConfig = { maxAttempts: 1 },
): Promise<Answering & { readonly client: S3Client }> {
  const { url, requests } = await answering(answer);
  return { url, requests, client: s3ClientOn(url, config) };
}

export function xml(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** By the code that S3 says it with. */
export function refusal(code: string, status: number): Answer {
  return xml(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`, status);
}
