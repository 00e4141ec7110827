/** Who asked what of a bucket, as S3 itself writes it down, some hours later. */

/** One request, as far as S3 tells. */
export interface LoggedRequest {
  readonly bucket: string;
  /** When it came; ISO 8601, UTC. S3 tells seconds. */
  readonly at: string;
  /** An address; absent where a service of AWS asked. */
  readonly from?: string;
  /** An ARN, a canonical user, a service; absent: it wasn't signed. */
  readonly requester?: string;
  readonly requestId: string;
  /** `REST.GET.OBJECT`, … */
  readonly operation: string;
  /** Absent where the request was about no object. */
  readonly key?: string;
  /** The status of HTTP; absent where nobody was answered. */
  readonly status?: number;
  /** `AccessDenied`, … */
  readonly error?: string;
  /** Sent in the answer's body. */
  readonly bytes: number;
}

/** Takes a request, or undefined for a line that can't be read. */
export type TakeRequest = (request: LoggedRequest | undefined) => void;

export interface AccessLogs {
  /** Where they are kept, for people: `s3://logs/access/`; undefined: the bucket keeps none. */
  place(): Promise<string | undefined>;
  /**
   * All that is written down of that time on, of the whole first day too; in no order, and of other buckets too where
   * several have theirs in one place.
   * @param fromMs epoch ms
   */
  read(fromMs: number, take: TakeRequest): Promise<void>;
}
