/** A scenario in words. */
import type {
  CallSite,
  Fault,
  FragmentPlan,
  ListenerTrouble,
  ListeningPlan,
  Scenario,
  SessionFault,
} from './scenario.ts';

export function inWords(scenario: Scenario): string {
  const { call, service, settings, faults } = scenario;
  return [
    `The call (${call.channels} track${call.channels === 1 ? '' : 's'} at ${call.sampleRate} Hz, ` +
      `Connect’s tags ${call.connectTags} the Cluster, ${call.knownSizes ? 'known' : 'unknown'} sizes)`,
    ...call.fragments.map((fragment, index) => `  ${index + 1}. ${fragmentInWords(fragment)}`),
    `  StartTimestamp is ${seconds(call.startedAtMs)} after the start; the execution begins at ` +
      `${seconds(call.executionAfterMs)}; the producer’s clock is ${seconds(call.clockSkewMs)} ahead`,
    ...(call.stopped === true
      ? ['  the flow stopped streaming after the last of ours, and began the execution then']
      : []),
    `  hung up ${seconds(call.disconnectAfterMs)} after the end; the contact event ${told(call.eventAfterMs)}, ` +
      `DescribeContact ${told(call.describeAfterMs)}`,
    'The services',
    `  the stream keeps media ${service.keepMs === undefined ? 'for long' : `for ${seconds(service.keepMs)}`}, ` +
      `${service.archive ? `with an archive (listed ${seconds(service.listingDelayMs)} later)` : 'without an archive'}; ` +
      `sessions end after ${seconds(service.sessionMs)}; tasks take ${seconds(service.launchMs)} to start`,
    `  segments of ${seconds(settings.segmentMs)}, grace ${seconds(settings.graceMs)}, idle time-out ` +
      `${seconds(settings.idleTimeoutMs)}, longest call ${seconds(settings.longestCallMs)}` +
      (service.retriesMax === undefined ? '' : `, ${service.retriesMax} retries on demand`),
    ...(service.resumeEveryMs === undefined
      ? []
      : [`  the deployment’s schedule looks every ${seconds(service.resumeEveryMs)} for what broke off`]),
    faults.length === 0 ? 'No faults' : 'The faults',
    ...faults.map((fault) => `  - ${faultInWords(fault)}`),
    ...(scenario.listening ? listeningInWords(scenario.listening) : []),
  ].join('\n');
}

const WHOSE = {
  earlier: 'of an earlier contact',
  ours: 'of ours',
  next: 'of our contact’s next recording',
  later: 'of a later contact',
  stray: 'of another contact, amid ours',
} as const;

function fragmentInWords(fragment: FragmentPlan): string {
  const { part, pauseMs, blocks, latencyMs } = fragment;
  const count = (channel: number) => blocks.filter((block) => block.channel === channel).length;
  return [
    `${WHOSE[part]}: ${count(0)} blocks of the customer, ${count(1)} of the agent; readable ${seconds(latencyMs)} later`,
    ...(pauseMs > 0 ? [`after a pause of ${seconds(pauseMs)}`] : []),
    ...(fragment.contactTag ? [] : ['without ContactId']),
    ...(fragment.trailingTags ? [] : ['without trailing tags']),
    ...(fragment.malformed ? ['malformed'] : []),
    ...(fragment.garbled === true ? ['no Matroska at all'] : []),
    ...(fragment.otherSegment === true ? ['of another Segment'] : []),
    ...(fragment.hidden === true ? ['passed over by GetMedia'] : []),
    ...(fragment.withheld === undefined ? [] : [withheldInWords(fragment.withheld)]),
    ...(fragment.cutWithinSamples === true ? ['blocks cut within a sample'] : []),
    ...(fragment.clockJumpMs === 0 ? [] : [`the producer’s clock jumps by ${seconds(fragment.clockJumpMs)}`]),
  ].join(', ');
}

function withheldInWords(withheld: NonNullable<FragmentPlan['withheld']>): string {
  return withheld === 'forever'
    ? 'listed and never given'
    : `listed and not given until ${seconds(withheld.untilMs)}`;
}

function faultInWords(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `${site(fault.at)}: the process is killed ${WHEN[fault.when]}`;
    case 'fail':
      return `${site(fault.at)} fails ${WHEN[fault.when]}${fault.by === 'key' ? ': its key can’t be used now' : ''}`;
    case 'hang':
      return `${site(fault.at)}: no answer for ${seconds(fault.ms)}, ${fault.effect ? 'though it takes effect' : 'and no effect'}`;
    case 'slow':
      return `${site(fault.at)} takes ${seconds(fault.ms)}`;
    case 'stale':
      return `${site(fault.at)} is told what the call before it was told`;
    case 'freeze':
      return (
        `${site(fault.at)}: the process freezes ${WHEN[fault.when]} for ${seconds(fault.ms)}, ` +
        (fault.orphan ? 'and the workflow takes it for dead' : 'and the workflow knows nothing of it')
      );
    case 'killAt':
      return `at ${seconds(fault.atMs)} every task is killed`;
    case 'terminate':
      return `at ${seconds(fault.atMs)} every task gets SIGTERM`;
    case 'twin':
      return `at ${seconds(fault.atMs)} a second task of the same execution starts`;
    case 'stranger':
      return `at ${seconds(fault.atMs)} another execution starts for the same recording`;
    case 'handOver':
      return `at ${seconds(fault.atMs)} the recording is handed over to another execution`;
    case 'resume':
      return `at ${seconds(fault.atMs)} an operator resumes it${fault.force ? ' by force' : ''}`;
    case 'erase':
      return (
        `at ${seconds(fault.atMs)} an operator erases ${ERASED[fault.of]}` +
        (fault.stop ? ', having stopped the execution' : '') +
        (fault.breaksOffAfter === undefined
          ? ''
          : `; the command breaks off at its call ${fault.breaksOffAfter} and is given again`)
      );
    case 'forget':
      return `at ${seconds(fault.atMs)} the stream forgets all that it has had for five minutes`;
    case 'expire':
      return `at ${seconds(fault.atMs)} the oldest ${fault.objects} objects of the tape expire`;
    case 'outage':
      return `${fault.service} is out from ${seconds(fault.atMs)} for ${seconds(fault.ms)}`;
    case 'session':
      return `GetMedia session ${fault.nth} ${sessionInWords(fault.fault)}`;
  }
}

const ERASED = {
  ours: 'our recording',
  next: 'our contact’s next recording',
  contact: 'all recordings of our contact',
} as const;

const WHEN = {
  before: 'before it takes effect',
  effect: 'after its effect, before the answer',
  after: 'after the answer',
  late: 'and takes effect some time later',
} as const;

function sessionInWords(fault: SessionFault): string {
  switch (fault.how) {
    case 'refused':
      return `is refused: ${fault.error}`;
    case 'cut':
      return `is cut after ${fault.afterBytes} bytes (${fault.by})`;
    case 'report':
      return `reports error ${fault.id} after ${fault.afterFragments} fragments`;
    case 'repeats':
      return fault.what === 'same'
        ? 'brings every fragment twice'
        : 'brings the fragment before again each time';
    case 'corrupt':
      return `has a wrong byte in its fragment ${fault.fragment}`;
  }
}

function site({ operation, nth }: CallSite): string {
  return `call ${nth} of ${operation}`;
}

function told(afterMs: number | undefined): string {
  return afterMs === undefined ? 'never says it' : `says it ${seconds(afterMs)} later`;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function listeningInWords(plan: ListeningPlan): string[] {
  return [
    `Somebody listens from ${seconds(plan.beginsMs)} on, with a window of ${seconds(plan.windowMs)}; takes ` +
      `${seconds(plan.slowMs)} for each output, and is sure of it ${plan.unsureFrames} frames later; the feed lets ` +
      `${plan.waitingBytesMax} bytes wait`,
    ...plan.troubles.map((trouble) => `  - at ${seconds(trouble.atMs)} ${troubleInWords(trouble)}`),
  ];
}

function troubleInWords(trouble: ListenerTrouble): string {
  switch (trouble.kind) {
    case 'kill':
      return `the listener is killed; the next one begins ${STATE[trouble.state]}`;
    case 'leave':
      return 'the listener has to leave';
    case 'hang':
      return `whoever listens takes nothing for ${seconds(trouble.ms)}`;
    case 'breakOff':
      return `whoever listens can’t be reached for ${seconds(trouble.ms)}`;
    case 'freeze':
      return `the listener stands still for ${seconds(trouble.ms)}`;
    case 'cut':
      return 'its connection to the feed breaks';
  }
}

const STATE = {
  kept: 'where it was',
  old: 'where it was ten seconds before',
  lost: 'at the beginning',
} as const;
