import type { TranscribeStreamingClientConfig } from '@aws-sdk/client-transcribe-streaming';
import type { Transcribe } from '../../ports/transcribe/transcribe.ts';

/** Loads the client. */
export async function sdkTranscribe(config: TranscribeStreamingClientConfig = {}): Promise<Transcribe> {
  const { SdkTranscribe } = await import('../../ports/transcribe/sdk-transcribe.ts');
  return new SdkTranscribe(config);
}
