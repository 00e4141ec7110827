/** With `--keep`: how to try the CLI and Terraform on what is running. */
import { REGION } from '../../standins/environment.ts';
import { deployerOf } from '../stack/deployer.ts';
import { awsEnvironment } from '../stack/workspace.ts';
import { PREFIX, type Rehearsal } from './rehearsal.ts';

/** @returns lines */
export function howToLook({ front, workspace }: Rehearsal): string[] {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = awsEnvironment(
    front.url,
    deployerOf([]),
  );
  const variables = { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  const exported = Object.entries(variables).map(([name, value]) => `${name}=${String(value)}`);
  return [
    '',
    'It is left running until you press Ctrl-C. In another terminal:',
    `  export ${exported.join(' ')} AWS_EC2_METADATA_DISABLED=true`,
    `  npm run --silent callspool -- calls list --prefix ${PREFIX} --region ${REGION}`,
    `  terraform -chdir=${workspace.stackDir} plan`,
  ];
}
