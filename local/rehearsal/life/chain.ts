/**
 * Settings, applied one after the other: a call is in progress when one is deployed in place of the one before, and another
 * comes under it. Where what a task stands in would go, nobody calls.
 */
import type { SettingName } from '../../../stacks/config/settings.ts';
import type { GivenSettings, SettingChange } from '../stack/setting-changes.ts';

/** What a chain is made of. */
export interface Links {
  readonly deploy: (settings: GivenSettings) => Promise<void>;
  /** @returns what became of the call that was in progress: `unharmed`, or in words */
  readonly deployDuringCall: (what: string, settings: GivenSettings) => Promise<string>;
  /** Once it is deployed: there is nothing more to do, and a call is recorded. @param isHeard somebody listens to it */
  readonly record: (what: string, settings: GivenSettings, isHeard: boolean) => Promise<void>;
  /** Nothing of the settings is deployed any more, and there is nothing more to do. */
  readonly rest: () => Promise<void>;
}

export const UNHARMED = 'unharmed';

export const valuesOf = (settings: GivenSettings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

export class Chain {
  readonly #links: Links;
  readonly #became = new Map<SettingName, string>();
  #now: GivenSettings = {};

  constructor(links: Links) {
    this.#links = links;
  }

  /** What became of calls in progress when it was applied; undefined: there were none. */
  became(setting: SettingName): string | undefined {
    return this.#became.get(setting);
  }

  /** The settings that are deployed still. */
  get now(): GivenSettings {
    return this.#now;
  }

  /** Leaves it deployed, for the next one to take back, unless what a task stands in goes with that. */
  async apply(setting: SettingName, change: SettingChange): Promise<void> {
    const {
      to,
      then = [],
      betweenCalls = false,
      live = false,
      takenBackBetweenCalls = betweenCalls,
    } = change;
    const hasSteps = then.length > 0;
    const during: string[] = [];
    const put = async (what: string, settings: GivenSettings, hasCall: boolean) => {
      if (hasCall) during.push(await this.#links.deployDuringCall(what, settings));
      else await this.#links.deploy(settings);
      this.#now = settings;
    };
    for (const settings of [to, ...then]) {
      const what = hasSteps ? valuesOf(settings) : `another ${setting}`;
      await put(what, settings, !betweenCalls);
      await this.#links.record(what, settings, live);
    }
    if (hasSteps || takenBackBetweenCalls) {
      await put('what there was before', {}, hasSteps);
      await this.#links.rest();
    }
    const became = during.find((one) => one !== UNHARMED) ?? during[0];
    if (became !== undefined) this.#became.set(setting, became);
  }
}
