/** Whether S3 says that whoever asks may not. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && ['AccessDenied', 'AllAccessDisabled', 'AccountProblem'].includes(error.name)
  );
}
