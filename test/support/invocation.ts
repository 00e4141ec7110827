/** What Lambda tells a function of its invocation. */
import type { Context } from 'aws-lambda';

export function invocation(awsRequestId: string): Context {
  const unused = () => undefined;
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'callspool-test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:callspool-test',
    memoryLimitInMB: '256',
    logGroupName: '/aws/lambda/callspool-test',
    logStreamName: 'test',
    getRemainingTimeInMillis: () => 3_000,
    /* eslint-disable @typescript-eslint/no-deprecated -- Lambda's type still asks for them */
    done: unused,
    fail: unused,
    succeed: unused,
    /* eslint-enable @typescript-eslint/no-deprecated */
  };
}
