/**
 * A Lambda function's container: a worker thread with an environment of its own, in which one handler is loaded
 * and invoked, one invocation at a time. Plain JavaScript, since worker threads start without a loader.
 */
import console from 'node:console';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';

/** @type {{ program: string, functionArn: string, memoryMb: number }} */
const { program, functionArn, memoryMb } = workerData;
const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
const { handler } = await import(program);

/** Resolves once the other thread has taken what was logged: a container may be ended as soon as it has replied. */
function logged() {
  const taken = (stream) => new Promise((resolve) => stream.write('', resolve));
  return Promise.all([taken(process.stdout), taken(process.stderr)]);
}

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
    await logged();
    parentPort.postMessage({ payload });
  } catch (error) {
    const { name = 'Error', message = String(error), stack = '' } = error ?? {};
    const report = { errorType: name, errorMessage: message, trace: stack.split('\n') };
    // As Lambda's own runtime does.
    console.error(JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...report }));
    await logged();
    parentPort.postMessage({ error: report });
  }
});
