/** Rights of the deployer's policy that no rehearsal sees asked for, each with its source. */
export const UNASKED: Readonly<Record<string, string>> = {
  ...sameFor(
    [
      'ecr:BatchCheckLayerAvailability',
      'ecr:CompleteLayerUpload',
      'ecr:InitiateLayerUpload',
      'ecr:UploadLayerPart',
    ],
    'ECR User Guide, "IAM permissions for pushing an image": asked by the registry, of whoever has logged in to it',
  ),
  ...sameFor(
    ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:CreateGrant'],
    'DynamoDB Developer Guide, "Authorizing use of a customer managed key"; Service Authorization Reference, Connect, AssociateInstanceStorageConfig, dependent actions',
  ),
  'iam:PassRole':
    'IAM User Guide, "Grant a user permissions to pass a role to an AWS service": no request of its own',
  'iam:CreateServiceLinkedRole':
    'ECS Developer Guide, "Using service-linked roles for Amazon ECS": with an account’s first cluster',
  ...sameFor(
    ['ecr:TagResource', 'logs:TagResource'],
    'Service Authorization Reference: tags given when something is made need it, too; a change of the setting tags asks for it',
  ),
  ...sameFor(['logs:UntagResource'], 'a change of the setting tags that takes one away'),
  'lambda:UpdateFunctionCode': 'an upgrade (`--upgrade-from`) that changes a function’s code',
  ...sameFor(['connect:UpdateContactFlowModuleContent'], 'an upgrade that changes a contact flow'),
  'connect:UpdateInstanceStorageConfig':
    'a change of the setting kmsKeyArn on an instance that streams already',
  'lambda:DeleteFunctionConcurrency': 'a concurrency that was set is taken away',
};

/** Asked for, and never refused, so that no policy needs it. */
export const NEEDS_NO_RIGHT: Readonly<Record<string, string>> = {
  'sts:GetCallerIdentity': 'STS API Reference, GetCallerIdentity: "No permissions are required"',
};

function sameFor(actions: readonly string[], source: string): Record<string, string> {
  return Object.fromEntries(actions.map((action) => [action, source]));
}
