/** The same call by the designs of others: priced from what is written here, not run. */
import type { PriceList } from './prices.ts';

export interface PeerDesign {
  readonly name: string;
  /** The price of one call. */
  readonly usd: number;
  readonly assumptions: string;
}

/** Lambda ends an invocation after 15 minutes; another goes on. */
const INVOCATION_SECONDS = 900;

export function peerDesigns(list: PriceList, callSeconds: number, mediaGb: number): PeerDesign[] {
  const { prices, assumed } = list;
  const read = mediaGb * prices.kinesisVideo.gbOut;
  const put = prices.s3.thousandPuts / 1_000;
  const lambda = (memoryMb: number) =>
    (callSeconds * memoryMb * prices.lambda.gbSecondX86) / 1_024 +
    (Math.ceil(callSeconds / INVOCATION_SECONDS) * prices.lambda.millionRequests) / 1e6 +
    read;
  const java = (vcpu: number, gb: number) => {
    const hours = Math.max(60, callSeconds + assumed.taskOverheadSeconds) / 3_600;
    const { vcpuHour, gbHour } = prices.fargateX86;
    return hours * (vcpu * vcpuHour + gb * gbHour + prices.network.publicIpv4Hour) + read + 2 * put;
  };
  return [
    {
      name: 'a Java Lambda a call, 512 MB',
      usd: lambda(512) + 2 * put,
      assumptions:
        'amazon-connect-realtime-transcription: 512 MB and at most 15 minutes by its template. x86; as long as the call, as if it could go on after 15 minutes; two mono WAVs at the end; without Transcribe and its tables',
    },
    {
      name: 'a Node.js Lambda a call, 1,024 MB',
      usd: lambda(1_024) + put,
      assumptions:
        'the design of live-call-analytics, which invokes itself again after 12 minutes; 1,024 MB is assumed. x86; one WAV at the end; without Transcribe, events and analytics',
    },
    {
      name: 'a Lambda a call, 3,008 MB',
      usd: lambda(3_008) + put,
      assumptions: 'as above, where more memory is given for more CPU',
    },
    {
      name: 'Java on Fargate, a task a call, 0.5 vCPU, 1 GB',
      usd: java(0.5, 1),
      assumptions:
        'ai-powered-speech-analytics’ design; the size is assumed. x86, On-Demand, a public address, billed as long as ours; two mono WAVs',
    },
    {
      name: 'Java on Fargate, a task a call, 1 vCPU, 2 GB',
      usd: java(1, 2),
      assumptions: 'as above, at twice the size',
    },
    {
      name: 'Java on ECS, one task for ten calls, 1 vCPU, 2 GB',
      usd: (java(1, 2) - read - 2 * put) / 10 + read + put,
      assumptions:
        'deepgram/amazon-connect-integration’s design: a service that takes several calls; size and ten calls are assumed (its template’s default is 0.25 vCPU, 0.5 GB). Always full; without its load balancer and idle hours, and a deployment or crash ends ten recordings',
    },
  ];
}
