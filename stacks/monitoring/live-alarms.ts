/** What wakes somebody up where calls are listened to. No recording is in danger then. */
import { LIVE_METRICS } from '../../contract/metrics.ts';
import type { Alarm, Watched } from './alarms.ts';
import { ownMetric } from './metric.ts';

const MINUTE = 60;
const QUARTER_HOUR = 900;
/** Whoever helps an agent is of no use later; a task that goes on for another one is behind for a moment. */
const BEHIND_MS_MAX = 30_000;
const FAILURES_MAX = 5;
const RESTARTS_MAX = 5;

export function ofListeners({ prefix }: Pick<Watched, 'prefix'>): Alarm[] {
  return [
    {
      what: 'listeners behind',
      why: 'Whoever listens is given calls more than half a minute late. The recordings are as good as ever.',
      metric: ownMetric(prefix, LIVE_METRICS.behindMs, 'Maximum'),
      above: BEHIND_MS_MAX,
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
  ];
}
