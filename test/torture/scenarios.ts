/** What is done to a recording that must not harm it. */
import type { Exit } from '../../local/standins/containers.ts';
import type { Task } from '../../local/standins/ecs.ts';
import { SERVICES, TROUBLES } from './gate.ts';
import { atRandomMoment } from './moment.ts';
import { type Rig, type Scenario, within } from './rig.ts';

/** In place of the 120 s that the task has where it is deployed. */
const STOP_TIMEOUT_MS = 20_000;
const LEFT_BY_ITSELF: readonly (number | null)[] = [0, 3];
const TERMINATED = 143;

/** Tasks, and the tasks that follow them, are gone from one moment to the next. */
export const kill: Scenario = {
  name: 'kill',
  act: async (rig) => {
    const kills = rig.random.integer(1, 3);
    for (let nth = 1; nth <= kills; nth += 1) {
      const task = await rig.task(nth);
      if (task) await atRandomMoment(rig, `SIGKILL to task ${nth}`, () => task.kill('SIGKILL'));
    }
  },
};

/** A task stands still, is taken for dead, has a successor, and wakes up: soon, or when all is over. */
const zombie: Scenario = {
  name: 'zombie',
  act: async (rig) => {
    const task = await rig.task(1);
    if (!task) return;
    await atRandomMoment(rig, 'SIGSTOP to task 1', () => {
      freeze(task);
    });
    // It may have left before.
    if (!task.running()) return;
    task.lose();
    await rig.task(2);
    if (rig.random.chance(0.3)) await rig.over;
    else await rig.wait(rig.random.integer(0, 3_000));
    await wake(rig, task);
  },
};

export function freeze(task: Task): void {
  if (task.running()) process.kill(task.pid, 'SIGSTOP');
}

/** The zombie goes on where it stood, and has to see that it has been superseded. @throws when it doesn't. */
export async function wake(rig: Rig, task: Task): Promise<Exit> {
  process.kill(task.pid, 'SIGCONT');
  rig.note('SIGCONT to task 1');
  // Where it wakes before its successor has claimed, it is the successor that has to leave.
  await rig.over;
  const exit = await within(STOP_TIMEOUT_MS, task.exited);
  if (exit === undefined) throw new Error('the zombie does not leave');
  rig.note(`the zombie left with ${String(exit.code)}`);
  if (LEFT_BY_ITSELF.includes(exit.code)) return exit;
  throw new Error(`the zombie left with ${JSON.stringify(exit)}`);
}

/** A task is asked to leave, as Spot does. */
const terminate: Scenario = {
  name: 'terminate',
  act: async (rig) => {
    const task = await rig.task(1);
    if (!task) return;
    await atRandomMoment(rig, 'SIGTERM to task 1', () => void task.kill('SIGTERM'));
    const exit = await within(STOP_TIMEOUT_MS, task.exited);
    if (exit === undefined) throw new Error('the task does not leave within the stop timeout');
    rig.note(`task 1 left with ${String(exit.code ?? exit.signal)}`);
    // Before its program is loaded, the signal itself ends it; after the end of the call there is nothing left to do.
    const isInOrder = exit.code === TERMINATED || exit.code === 0 || exit.signal === 'SIGTERM';
    if (!isInOrder) throw new Error(`the task left with ${JSON.stringify(exit)}`);
  },
};

/** One of the services is in trouble for a while, or two are. */
const outage: Scenario = {
  name: 'outage',
  act: async (rig) => {
    await rig.task(1);
    const services = rig.random.chance(0.2) ? 2 : 1;
    await Promise.all(Array.from({ length: services }, () => troubled(rig)));
  },
};

async function troubled(rig: Rig): Promise<void> {
  const service = rig.random.pick(SERVICES);
  const trouble = rig.random.pick(TROUBLES);
  const forMs = rig.random.chance(0.1) ? 7_000 : rig.random.integer(100, 3_000);
  await atRandomMoment(rig, `${service} ${trouble} for ${forMs} ms`, () => rig.gates[service].begin(trouble));
  await rig.wait(forMs);
  await rig.gates[service].end();
  rig.note(`${service} is well again`);
}

/** Everything at once: a service in trouble, while tasks are killed. */
const everything: Scenario = {
  name: 'everything',
  act: async (rig) => {
    await Promise.all([outage.act(rig), rig.random.pick([kill, zombie, terminate]).act(rig)]);
  },
};

export const SCENARIOS: readonly Scenario[] = [kill, zombie, terminate, outage, everything];
