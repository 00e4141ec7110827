import { expect, it } from 'vitest';
import { newBucketSettings } from '../../../local/rehearsal/endpoint/bucket-settings.ts';

const answered = (fate: ReturnType<ReturnType<typeof newBucketSettings>['answer']>) =>
  fate?.kind === 'answer' ? [fate.statusCode, fate.body] : [];

it('gives logging and replication of a bucket back as they were given, and none before', () => {
  const settings = newBucketSettings();

  expect(answered(settings.answer('GetBucketLogging', 'a', ''))).toEqual([
    200,
    expect.stringMatching(/^<BucketLoggingStatus[^>]*\/>$/),
  ]);
  expect(answered(settings.answer('GetBucketReplication', 'a', ''))[0]).toBe(404);
  settings.answer('PutBucketLogging', 'a', '<given/>');
  settings.answer('PutBucketReplication', 'a', '<rules/>');
  expect(answered(settings.answer('GetBucketLogging', 'a', ''))).toEqual([200, '<given/>']);
  expect(answered(settings.answer('GetBucketReplication', 'a', ''))).toEqual([200, '<rules/>']);
  expect(answered(settings.answer('GetBucketReplication', 'b', ''))[0]).toBe(404);
});

it('says that objects are told of to EventBridge, for as long as they are', () => {
  const settings = newBucketSettings();
  const told = '<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>';
  const none = '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';
  const get = () => answered(settings.answer('GetBucketNotificationConfiguration', 'a', ''));

  expect(get()).toEqual([200, none]);
  settings.answer('PutBucketNotificationConfiguration', 'a', told);
  expect(get()).toEqual([200, told]);
  // It is taken away by giving none.
  settings.answer('PutBucketNotificationConfiguration', 'a', none);
  expect(get()).toEqual([200, none]);
});

it('forgets what was taken away, and what a bucket had that is gone', () => {
  const settings = newBucketSettings();
  for (const what of ['Logging', 'Replication']) settings.answer(`PutBucket${what}`, 'a', '<x/>');

  expect(answered(settings.answer('DeleteBucketReplication', 'a', ''))[0]).toBe(204);
  expect(answered(settings.answer('GetBucketReplication', 'a', ''))[0]).toBe(404);
  expect(settings.answer('DeleteBucket', 'a', '')).toBeUndefined();
  expect(answered(settings.answer('GetBucketLogging', 'a', ''))[1]).not.toBe('<x/>');
});

it('leaves everything else to moto', () => {
  expect(newBucketSettings().answer('PutBucketTagging', 'a', '')).toBeUndefined();
});
