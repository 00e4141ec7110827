/** What wakes somebody up where calls are listened to, and written down. No recording is in danger then. */
import { LIVE_METRICS, WORDS_METRICS } from '../../contract/metrics.ts';
import type { Alarm, Watched } from './alarms.ts';
import { ownMetric } from './metric.ts';

const MINUTE = 60;
const QUARTER_HOUR = 900;
/** Whoever helps an agent is of no use later; a task that goes on for another one is behind for a moment. */
const BEHIND_MS_MAX = 30_000;
const FAILURES_MAX = 5;
const RESTARTS_MAX = 5;
/** An utterance takes up to 25 s, and Transcribe is waited for 20 s to know that nobody spoke. */
const WORDS_BEHIND_MS_MAX = 60_000;
/** A call that ends leaves some seconds, now and then, that weren’t written down in time. */
const UNTRANSCRIBED_MS_MAX = 120_000;

/** By so much later comes what is heard from the tape. A recorder waits twice as long for a segment to which little comes. */
const tapeMs = ({ apartSeconds = 0 }: Pick<Watched, 'apartSeconds'>) => 2 * apartSeconds * 1_000;

export function ofListeners(watched: Pick<Watched, 'prefix' | 'apartSeconds'>): Alarm[] {
  const { prefix, apartSeconds } = watched;
  return [
    {
      what: 'listeners behind',
      why: 'Whoever listens is given calls more than half a minute late. The recordings are as good as ever.',
      metric: ownMetric(prefix, LIVE_METRICS.behindMs, 'Maximum'),
      above: BEHIND_MS_MAX + tapeMs(watched),
      periodSeconds: MINUTE,
      periods: 5,
    },
    {
      what: 'listeners failing',
      why: 'Whoever listens can’t be reached, or refuses what is given, again and again; the task’s log says which and why.',
      metric: ownMetric(prefix, LIVE_METRICS.failures),
      above: FAILURES_MAX,
      periodSeconds: QUARTER_HOUR,
    },
    {
      what: 'listeners restarting',
      why: 'Listeners die and are begun anew: are they ended for want of memory (setting liveMemory)?',
      metric: ownMetric(prefix, LIVE_METRICS.restarts),
      above: RESTARTS_MAX,
      periodSeconds: QUARTER_HOUR,
    },
    {
      what: 'listeners not begun',
      why: 'Calls are to be listened to, and no listener begins: can the images be pulled (setting liveImage)? They are recorded all the same.',
      metric: {
        expression: 'IF(FILL(calls, 0) > 0 AND FILL(listeners, 0) == 0, 1, 0)',
        metrics: {
          calls: ownMetric(prefix, LIVE_METRICS.calls),
          listeners: ownMetric(prefix, LIVE_METRICS.listeners),
        },
      },
      above: 0,
      periodSeconds: 5 * MINUTE,
      periods: 2,
    },
    ...(apartSeconds === undefined ? [] : [ofListeningTasks(prefix)]),
  ];
}

/** Nothing fails where a task isn't begun that nobody waits for. What begins around a quarter's end is counted in the next one. */
function ofListeningTasks(prefix: string): Alarm {
  return {
    what: 'listeners missing',
    why: 'Of calls that are to be listened to a quarter or more have no listener: does Fargate start the tasks of those that listen (its quota, their images)? They are recorded all the same.',
    metric: {
      expression: 'IF(FILL(calls, 0) > 10 AND FILL(listeners, 0) < 0.75 * FILL(calls, 0), 1, 0)',
      metrics: {
        calls: ownMetric(prefix, LIVE_METRICS.calls),
        listeners: ownMetric(prefix, LIVE_METRICS.listeners),
      },
    },
    above: 0,
    periodSeconds: QUARTER_HOUR,
    periods: 2,
  };
}

/** @param told whether an event bus is told of what is said, too */
export function ofWords(watched: Pick<Watched, 'prefix' | 'apartSeconds'>, told: boolean): Alarm[] {
  const { prefix } = watched;
  return [
    {
      what: 'calls not written down',
      why: 'What is said is to be written down, and nothing answers that does: can the recogniser’s image be pulled (setting recogniseImage), does Transcribe take streams? Calls are recorded all the same.',
      metric: {
        expression: 'IF(FILL(calls, 0) > 0 AND FILL(begun, 0) == 0, 1, 0)',
        metrics: {
          calls: ownMetric(prefix, LIVE_METRICS.calls),
          begun: ownMetric(prefix, WORDS_METRICS.begun),
        },
      },
      above: 0,
      periodSeconds: 5 * MINUTE,
      periods: 2,
    },
    {
      what: 'words missing',
      why: 'More than two minutes of what was said could not be written down; rows say where and why, and calls transcribe does it again from the recordings.',
      metric: ownMetric(prefix, WORDS_METRICS.untranscribedMs),
      above: UNTRANSCRIBED_MS_MAX,
      periodSeconds: QUARTER_HOUR,
    },
    {
      what: 'words behind',
      why: 'What is said is written down more than a minute late: has the recogniser too little CPU (setting recogniseCpu), does Transcribe refuse streams (its quota)?',
      metric: ownMetric(prefix, WORDS_METRICS.behindMs, 'Maximum'),
      above: WORDS_BEHIND_MS_MAX + tapeMs(watched),
      periodSeconds: MINUTE,
      periods: 5,
    },
    ...(told
      ? [
          {
            what: 'words not told',
            why: 'The event bus does not take “Transcript Segment”: is it still there? What was said stands in the table.',
            metric: ownMetric(prefix, WORDS_METRICS.eventFailures),
            above: FAILURES_MAX,
            periodSeconds: QUARTER_HOUR,
          },
        ]
      : []),
  ];
}
