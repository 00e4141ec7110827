import * as connect from '@aws-sdk/client-connect';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { askedOf } from '../../../local/rehearsal/endpoint/asked.ts';
import { iamAction } from '../../../local/rehearsal/endpoint/iam-actions.ts';
import { matchRest, operationsOf } from '../../../local/rehearsal/endpoint/rest.ts';

const query = (text = '') => new URLSearchParams(text);

describe('which operation a REST request asks for', () => {
  const buckets = operationsOf(s3);

  it.each([
    ['PUT', '/', '', 'CreateBucket'],
    ['GET', '/', 'encryption=', 'GetBucketEncryption'],
    ['GET', '/', 'list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/', '', 'ListObjects'],
    ['HEAD', '/', '', 'HeadBucket'],
    ['PUT', '/a/b.wav', 'x-id=PutObject', 'PutObject'],
    ['GET', '/a/b.wav', 'x-id=GetObject', 'GetObject'],
    ['POST', '/a/b.wav', 'uploads=', 'CreateMultipartUpload'],
    ['PUT', '/a', 'x-id=UploadPart&partNumber=1&uploadId=u', 'UploadPart'],
  ])('S3: %s %s?%s is %s', (method, path, text, operation) => {
    expect(matchRest(buckets, method, path, query(text))?.operation).toBe(operation);
  });

  it('tells what stands in the path', () => {
    expect(matchRest(operationsOf(connect), 'POST', '/contact-flows/i-1/f%202/content', query())).toEqual({
      operation: 'UpdateContactFlowContent',
      labels: { InstanceId: 'i-1', ContactFlowId: 'f 2' },
    });
    expect(matchRest(buckets, 'GET', '/a/b/c', query('x-id=GetObject'))?.labels).toEqual({ Key: 'a/b/c' });
  });

  it('takes a fixed word rather than a place for any', () => {
    const operations = operationsOf(lambda);
    expect(matchRest(operations, 'GET', '/2015-03-31/functions/f/policy', query())?.operation).toBe(
      'GetPolicy',
    );
    expect(matchRest(operations, 'GET', '/nowhere/at/all', query())).toBeUndefined();
  });
});

describe('what is asked, and by whom', () => {
  const authorization = (service: string) =>
    `AWS4-HMAC-SHA256 Credential=deployer/20261128/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const asked = (service: string, path: string, body = '', headers = {}) =>
    askedOf({
      method: 'POST',
      path,
      headers: { authorization: authorization(service), ...headers },
      body: Buffer.from(body),
    });

  it('reads a target, a form and a path', () => {
    const target = { 'x-amz-target': 'DynamoDB_20120810.CreateTable' };
    expect(asked('dynamodb', '/', '{}', target)).toMatchObject({
      service: 'dynamodb',
      operation: 'CreateTable',
    });
    expect(asked('iam', '/', 'Action=CreateRole&Version=2010-05-08')).toMatchObject({
      who: 'deployer',
      operation: 'CreateRole',
    });
    const cbor = '/service/GraniteServiceVersion20100801/operation/PutDashboard';
    const dashboard = asked('monitoring', cbor);
    expect(dashboard && iamAction(dashboard)).toBe('cloudwatch:PutDashboard');
  });

  it('knows the bucket of a request by path, and the right that it needs', () => {
    const request = asked('s3', '/calls-1/a/b.wav?uploads=');
    expect(request).toMatchObject({ labels: { Bucket: 'calls-1', Key: 'a/b.wav' } });
    expect(request && iamAction(request)).toBe('s3:PutObject');
  });

  it.each([
    ['GET', 'notification', 's3:GetBucketNotification'],
    ['PUT', 'notification', 's3:PutBucketNotification'],
    ['GET', 'replication', 's3:GetReplicationConfiguration'],
  ])(
    'knows the right that %s ?%s of a bucket needs, whatever the operation is called',
    (method, what, right) => {
      const operation = matchRest(operationsOf(s3), method, '/', query(`${what}=`))?.operation ?? '';
      expect(iamAction({ service: 's3', operation })).toBe(right);
    },
  );

  it('makes nothing of what isn’t signed', () => {
    expect(askedOf({ method: 'GET', path: '/', headers: {}, body: Buffer.alloc(0) })).toBeUndefined();
  });
});
