/**
 * `npm run test:dynamodb-local -- DIR`: the suites that run on DynamoDB's stand-in, on AWS's own DynamoDB Local.
 * DIR holds its jars (see {@link HELP}).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DynamoDbLocal, startDynamoDbLocal } from './server.ts';

const EXIT = { failed: 1, usage: 2 } as const;
const TESTS = 'test';
/** What a test file calls that runs on whatever DynamoDB it is given. */
const MARK = 'dynamoDbForTest(';
const HELP = `Give the folder of its jars, which Maven fetches:
  mvn -q -B -f test/dynamodb-local/pom.xml dependency:copy-dependencies -DoutputDirectory=DIR
  npm run test:dynamodb-local -- DIR`;

async function suites(): Promise<string[]> {
  const files = await readdir(TESTS, { recursive: true });
  const tests = files.filter((file) => file.endsWith('.test.ts')).map((file) => join(TESTS, file));
  const texts = await Promise.all(tests.map((file) => readFile(file, 'utf8')));
  return tests.filter((_, index) => texts[index]?.includes(MARK));
}

async function run(url: string): Promise<number> {
  const vitest = spawn('npx', ['vitest', 'run', ...(await suites())], {
    stdio: 'inherit',
    env: { ...process.env, CALLSPOOL_TEST_DYNAMODB_URL: url },
  });
  await once(vitest, 'exit');
  return vitest.exitCode ?? EXIT.failed;
}

async function main(jars: string | undefined): Promise<number> {
  if (jars === undefined) {
    process.stderr.write(`${HELP}\n`);
    return EXIT.usage;
  }
  let server: DynamoDbLocal;
  try {
    server = await startDynamoDbLocal(jars);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${HELP}\n`);
    return EXIT.usage;
  }
  try {
    return await run(server.url);
  } finally {
    await server.close();
  }
}

process.exitCode = await main(process.argv[2]);
