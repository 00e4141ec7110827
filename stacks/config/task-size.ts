/**
 * How large a task is whose recorder somebody listens to. The recorder comes first: it has what it has alone, and more of the
 * processor than the listener where both want it; the others have limits of memory, and are ended at them.
 */
import type { Config } from './config.ts';

/** What the recorder has alone: Fargate's smallest, 0.25 vCPU and 0.5 GB. */
export const RECORDER_SIZE = { cpu: 256, memoryMib: 512 } as const;
/** Of the processor, where the recorder wants it, too: the recording comes first, and what is said is written down later. */
const RECOGNISER_CPU_MIN = 32;
/** Of the processor, where the recorder wants it, too. It is a fraction of what is needed at live pace. */
const LISTENER_CPU = 64;

interface Range {
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** MiB by CPU units (ECS developer guide, "Task CPU and memory"); 0.25 vCPU takes 512 MiB as well, which is too little here. */
const FARGATE: readonly Range[] = [
  { cpu: 256, from: 1_024, to: 2_048, step: 1_024 },
  { cpu: 512, from: 1_024, to: 4_096, step: 1_024 },
  { cpu: 1_024, from: 2_048, to: 8_192, step: 1_024 },
  { cpu: 2_048, from: 4_096, to: 16_384, step: 1_024 },
  { cpu: 4_096, from: 8_192, to: 30_720, step: 1_024 },
];

/** Weights by which containers share the processor. */
export interface ListenersShares {
  readonly listener: number;
  readonly own: number;
  readonly recogniser: number;
}

export interface TaskSize {
  readonly cpu: number;
  readonly memoryMib: number;
  readonly shares: ListenersShares & { readonly recorder: number };
}

export interface ListeningSize {
  readonly cpu: number;
  readonly memoryMib: number;
  readonly shares: ListenersShares;
}

type Wishes = Pick<
  Config,
  | 'liveImage'
  | 'liveImageCpu'
  | 'liveImageMemory'
  | 'liveMemory'
  | 'recogniseImage'
  | 'recogniseCpu'
  | 'recogniseMemory'
>;

/** @returns the smallest task that is large enough; undefined where Fargate has none of so much memory with so little CPU */
export function taskSize({ liveMemory, ...wishes }: Wishes): TaskSize | undefined {
  const { own, recogniser } = beside(wishes);
  const wanted = RECORDER_SIZE.memoryMib + liveMemory + own.mib + recogniser.mib;
  const range = FARGATE.find(({ cpu }) => cpu >= RECORDER_SIZE.cpu + own.cpu + recogniser.cpu);
  if (range === undefined || wanted > range.to) return undefined;
  const memoryMib = Math.max(range.from, Math.ceil(wanted / range.step) * range.step);
  const recogniserShare =
    wishes.recogniseImage === undefined ? 0 : Math.max(recogniser.cpu, RECOGNISER_CPU_MIN);
  return {
    cpu: range.cpu,
    memoryMib,
    shares: {
      recorder: range.cpu - LISTENER_CPU - own.cpu - recogniserShare,
      listener: LISTENER_CPU,
      own: own.cpu,
      recogniser: recogniserShare,
    },
  };
}

/**
 * The same of a task without a recorder. What it has of the processor is the recogniser's above all, or the container's that is given
 * the call.
 */
export function listeningSize({ liveMemory, ...wishes }: Wishes): ListeningSize | undefined {
  const { own, recogniser } = beside(wishes);
  const wanted = liveMemory + own.mib + recogniser.mib;
  const range = FARGATE.find(({ cpu }) => cpu >= LISTENER_CPU + own.cpu + recogniser.cpu);
  if (range === undefined || wanted > range.to) return undefined;
  const isSmallest = range.cpu === RECORDER_SIZE.cpu && wanted <= RECORDER_SIZE.memoryMib;
  const rest = range.cpu - LISTENER_CPU - own.cpu;
  return {
    cpu: range.cpu,
    memoryMib: isSmallest
      ? RECORDER_SIZE.memoryMib
      : Math.max(range.from, Math.ceil(wanted / range.step) * range.step),
    shares:
      wishes.recogniseImage === undefined
        ? { listener: LISTENER_CPU + rest, own: own.cpu, recogniser: 0 }
        : { listener: LISTENER_CPU, own: own.cpu, recogniser: rest },
  };
}

/** What the containers beside the listener are to have. */
function beside(wishes: Omit<Wishes, 'liveMemory'>) {
  const none = { cpu: 0, mib: 0 };
  return {
    own: wishes.liveImage === undefined ? none : { cpu: wishes.liveImageCpu, mib: wishes.liveImageMemory },
    recogniser:
      wishes.recogniseImage === undefined ? none : { cpu: wishes.recogniseCpu, mib: wishes.recogniseMemory },
  };
}
