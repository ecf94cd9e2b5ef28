/** A pull from a local hub into a cache of its own, for tests. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Pulled, type PullOptions, pull } from "../../src/hub/pull.ts";
import { parseHubReference } from "../../src/hub/reference.ts";
import type { HubSettings } from "../../src/hub/settings.ts";
import type { LocalHub } from "./local-hub.ts";

export interface PullInto extends PullOptions {
  readonly reference?: string;
  readonly env?: Partial<HubSettings>;
}

export interface Outcome {
  readonly pulled: Pulled;
  readonly notes: readonly string[];
  /** Milliseconds of every wait, none of which was waited. */
  readonly waits: readonly number[];
}

/** Waits only as long as the process needs to do something else. */
export async function pullInto(
  cache: string,
  hub: Pick<LocalHub, "endpoint">,
  { reference = "hf:owner/name", env, onEvent, ...options }: PullInto = {},
): Promise<Outcome> {
  const notes: string[] = [];
  const waits: number[] = [];
  const settings: HubSettings = {
    endpoint: hub.endpoint,
    cache,
    tokenPath: join(cache, "token"),
    offline: false,
    idleMs: 10_000,
    ...env,
  };
  const pulled = await pull(parseHubReference(reference), {
    settings,
    wait: async (ms) => {
      waits.push(ms);
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    ...options,
    onEvent: (event) => {
      if (event.kind === "note") notes.push(event.line);
      onEvent?.(event);
    },
  });
  return { pulled, notes, waits };
}

/** All files below a folder, without the folders. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
