/** The task's image: its repository, and the push that the deploy makes. */
import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { AssetType, type ITerraformDependable, TerraformAsset, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import { dualStackRegistry } from '../config/reach.ts';
import { imageFolder } from './bundle.ts';

export interface Image {
  readonly uri: string;
  /** ARN of the ECR repository it is pulled from; undefined: from elsewhere, where no permission is needed. */
  readonly repositoryArn: string | undefined;
  /** What must be done before the image is there. */
  readonly pushed: ITerraformDependable[];
}

export interface ImageSources {
  readonly bundles: string;
  readonly dockerfile: string;
  readonly pushScript: string;
  readonly staging: string;
}

/** A call in progress may need the image of a deploy long ago once more: old ones are kept for a while. */
const IMAGES_KEPT = 50;

const ECR_URI = /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.[a-z.]+\/([^:@]+)/;

export function taskImage(
  scope: Construct,
  config: Config,
  names: Names,
  place: Place,
  sources: ImageSources,
): Image {
  if (config.imageUri !== undefined) return givenImage(config.imageUri, place);
  const repository = new EcrRepository(scope, 'task_images', {
    name: names.repository,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    forceDelete: true,
  });
  new EcrLifecyclePolicy(scope, 'task_images_lifecycle', {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: `Keep the last ${String(IMAGES_KEPT)}`,
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: IMAGES_KEPT },
          action: { type: 'expire' },
        },
      ],
    }),
  });
  const folder = imageFolder(
    sources.bundles,
    sources.dockerfile,
    sources.pushScript,
    config.nodeImage,
    sources.staging,
  );
  const asset = new TerraformAsset(scope, 'task_image_sources', {
    path: folder.path,
    type: AssetType.DIRECTORY,
  });
  const uri = `${repository.repositoryUrl}:${folder.tag}`;
  const push = pushOnce(scope, uri, `${asset.path}/push-image.sh`, {
    BUILDER: config.imageBuilder,
    REGION: place.region,
    REPOSITORY: repository.name,
    REPOSITORY_URL: repository.repositoryUrl,
    TAG: folder.tag,
    NODE_IMAGE: config.nodeImage,
    CONTEXT: asset.path,
  });
  const pulledAs =
    config.network === 'ipv6'
      ? `${dualStackRegistry(place.account, place.region)}/${repository.name}:${folder.tag}`
      : uri;
  return { uri: pulledAs, repositoryArn: repository.arn, pushed: [push] };
}

/** Runs when the image's name changes. cdktf's own DataResource is no use: its check calls `terraform version`. */
function pushOnce(
  scope: Construct,
  uri: string,
  command: string,
  environment: Record<string, string>,
): TerraformResource {
  const push = new TerraformResource(scope, 'task_image_push', {
    terraformResourceType: 'terraform_data',
    provisioners: [{ type: 'local-exec', interpreter: ['/bin/sh'], command, environment }],
  });
  push.addOverride('triggers_replace', { image: uri });
  return push;
}

/** One that somebody else has pushed. */
export function givenImage(uri: string, place: Place): Image {
  const [, account, region, repository] = ECR_URI.exec(uri) ?? [];
  if (account === undefined || region === undefined || repository === undefined) {
    return { uri, repositoryArn: undefined, pushed: [] };
  }
  return {
    uri,
    repositoryArn: arnOf({ ...place, account, region }, 'ecr', `repository/${repository}`),
    pushed: [],
  };
}
