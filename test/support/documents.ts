/** GetMedia documents for tests, by the tests' own encoder. */
import { type Fragment, isNumbered, type NumberedFragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from './call.ts';
import {
  blockPayload,
  ELEMENT,
  type Element,
  encode,
  leaf,
  master,
  tags,
  text,
  uint,
  vint,
} from './matroska.ts';

export interface TestBlock {
  /** 0 = customer, 1 = agent. */
  readonly channel: 0 | 1;
  /** Epoch ms. */
  readonly atMs: number;
  readonly pcm: Uint8Array;
}

export interface TestDocument {
  readonly number?: bigint;
  readonly serverMs?: number | undefined;
  readonly blocks?: readonly TestBlock[];
  readonly contactId?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly trackNames?: readonly (string | undefined)[];
  /** What every track says beside its number and name. */
  readonly trackElements?: readonly Element[];
  readonly extraTags?: readonly (readonly [string, string])[];
  readonly segmentUid?: string;
  /** Without the trailing tags. */
  readonly untagged?: boolean;
  /** Epoch ms; the Cluster's own time. */
  readonly clusterMs?: number;
}

export const T0 = Date.parse('2026-03-14T09:26:53.589Z');
const TRACK_NAMES = ['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'] as const;

export function documentOf(options: TestDocument): Uint8Array {
  const {
    number = START_FRAGMENT_NUMBER,
    blocks = [],
    contactId = CONTACT_ID,
    mimeType = 'audio/L16;rate=8000;channels=1;',
    trackNames = TRACK_NAMES,
    trackElements = [],
    extraTags = [],
    segmentUid = 'call',
    clusterMs = Math.min(...blocks.map(({ atMs }) => atMs), T0 + 10 ** 12),
  } = options;
  const serverMs = 'serverMs' in options ? options.serverMs : clusterMs;
  const tracks = trackNames.map((name, index) =>
    master(
      ELEMENT.TrackEntry,
      leaf(ELEMENT.TrackNumber, uint(index + 1)),
      ...(name === undefined ? [] : [leaf(ELEMENT.Name, text(name))]),
      ...trackElements,
    ),
  );
  const head: [string, string][] = [['AWS_KINESISVIDEO_FRAGMENT_NUMBER', number.toString()]];
  if (serverMs !== undefined) head.push(['AWS_KINESISVIDEO_SERVER_TIMESTAMP', (serverMs / 1000).toFixed(3)]);
  const cluster: Element[] = [
    leaf(ELEMENT.Timestamp, uint(clusterMs, 8)),
    ...blocks.map(({ channel, atMs, pcm }) =>
      leaf(ELEMENT.SimpleBlock, blockPayload(vint(channel + 1, 1), atMs - clusterMs, 0, pcm)),
    ),
  ];
  const trailing = [['AWS_KINESISVIDEO_CONTINUATION_TOKEN', number.toString()] as const];
  const connect: [string, string][] = [];
  if (contactId !== '') connect.push(['ContactId', contactId]);
  if (mimeType !== '') connect.push(['MimeType', mimeType]);
  return encode(master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska'))), {
    ...master(
      ELEMENT.Segment,
      master(ELEMENT.Info, leaf(ELEMENT.SegmentUUID, text(segmentUid.padEnd(16, '.')))),
      master(ELEMENT.Tracks, ...tracks),
      tags(head),
      { ...master(ELEMENT.Cluster, ...cluster), unknownSize: true },
      ...[...connect, ...extraTags].map((pair) => tags([pair])),
      ...(options.untagged === true ? [] : [tags(trailing)]),
    ),
    unknownSize: true,
    sizeWidth: 8,
  });
}

/** The fragments of a body. */
function readFragments(bytes: Uint8Array): Fragment[] {
  const reader = new FragmentReader();
  reader.push(bytes);
  const fragments: Fragment[] = [];
  for (let fragment = reader.next(); fragment; fragment = reader.next()) fragments.push(fragment);
  const rest = reader.finish();
  return rest ? [...fragments, rest] : fragments;
}

export function fragmentOf(options: TestDocument): NumberedFragment {
  const [fragment] = readFragments(documentOf(options));
  if (!fragment || !isNumbered(fragment)) throw new Error('the test’s document is not one numbered fragment');
  return fragment;
}

/** What Connect wrote, but the number: of its Cluster’s size and first elements nothing can be read. */
export function broken(document: Uint8Array): Uint8Array {
  const cluster = Buffer.from(document).indexOf(Buffer.from('1f43b675', 'hex'));
  return Buffer.from(document).fill(0, cluster + 5, cluster + 25);
}

/** Mono S16LE whose samples are `from`, `from` + 1, …: every sample tells where it belongs. */
export function ramp(samples: number, from = 1): Uint8Array {
  const pcm = new DataView(new ArrayBuffer(samples * 2));
  for (let index = 0; index < samples; index += 1)
    pcm.setInt16(index * 2, ((from + index) % 32_000) + 1, true);
  return new Uint8Array(pcm.buffer);
}
