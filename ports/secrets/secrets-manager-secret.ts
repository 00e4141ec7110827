import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Secret } from './secret.ts';

/**
 * The current version of a secret in Secrets Manager. The reader needs `secretsmanager:GetSecretValue` on it, and, where it is
 * encrypted with a key of one's own, `kms:Decrypt` on that.
 */
export class SecretsManagerSecret implements Secret {
  readonly #client: SecretsManagerClient;
  readonly #arn: string;

  constructor(client: SecretsManagerClient, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  async read(): Promise<string> {
    const { SecretString } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#arn }));
    if (SecretString === undefined) throw new Error('the secret holds bytes, not text');
    return SecretString;
  }
}
