/**
 * Stands in for the AWS CLI and for the image's builder while an image is "pushed": `aws ecr …` asks the rehearsal's
 * endpoint, and a push leaves a manifest in the repository. What was asked is written down, a line each.
 */
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';

const [program = '', ...args] = process.argv.slice(2);
const journal = process.env.REHEARSAL_IMAGE_JOURNAL;
if (journal !== undefined) appendFileSync(journal, `${[basename(program), ...args].join(' ')}\n`);
const ecr = new ECRClient({});

/** An image without layers has such a manifest: what counts is that it is there, and its tag. */
const MANIFEST = {
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 2,
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  },
  layers: [],
};

async function aws(): Promise<void> {
  const option = (name: string) => args[args.indexOf(name) + 1] ?? '';
  if (args[1] === 'get-login-password') {
    const { authorizationData: [first] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const [, password = ''] = Buffer.from(first?.authorizationToken ?? '', 'base64')
      .toString()
      .split(':');
    process.stdout.write(`${password}\n`);
    return;
  }
  const repositoryName = option('--repository-name');
  const imageTag = option('--image-ids').replace('imageTag=', '');
  await ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
}

async function builder(): Promise<void> {
  if (args[0] === 'login') await text(process.stdin);
  if (args[0] !== 'push') return;
  const [, repositoryName = '', imageTag = ''] = /^[^/]+\/(.+):([^:]+)$/.exec(args[1] ?? '') ?? [];
  const imageManifest = JSON.stringify({ ...MANIFEST, annotations: { tag: imageTag } });
  await ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
}

try {
  await (program === 'aws' ? aws() : builder());
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
