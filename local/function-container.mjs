/**
 * A Lambda function's container: a worker thread with an environment of its own, in which one handler is loaded
 * and invoked, one invocation at a time. Plain JavaScript, since worker threads start without a loader.
 */
import console from 'node:console';
import { parentPort, workerData } from 'node:worker_threads';

/** @type {{ program: string, functionArn: string, memoryMb: number }} */
const { program, functionArn, memoryMb } = workerData;
const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
const { handler } = await import(program);

parentPort.on('message', async ({ requestId, event, deadlineMs }) => {
  const context = {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: requestId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    // What crosses Lambda's border is JSON, and undefined becomes null.
    const payload = JSON.stringify(await handler(JSON.parse(event), context)) ?? 'null';
    parentPort.postMessage({ payload });
  } catch (error) {
    const { name = 'Error', message = String(error), stack = '' } = error ?? {};
    const report = { errorType: name, errorMessage: message, trace: stack.split('\n') };
    // As Lambda's own runtime does.
    console.error(JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...report }));
    parentPort.postMessage({ error: report });
  }
});
