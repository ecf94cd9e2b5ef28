/** How far a system has come, computed from what is there. */
import type { Entry } from "./entry.ts";
import type { ParityRecord, ResultRecord } from "./results.ts";

/** What the status is computed from. */
export interface Evidence {
  /** Names of the systems in `src/systems`. */
  readonly systems: readonly string[];
  /** Commands of `ordo` that are there, of those that entries name. */
  readonly commands: readonly string[];
  /** The reference cases; null where they do not lie beside the program (an installed package). */
  readonly cases:
    | readonly { readonly name: string; readonly system: string; readonly fingerprint: string }[]
    | null;
  readonly results: readonly ResultRecord[];
  /** The shipped models. */
  readonly models: readonly { readonly name: string; readonly system: string }[];
}

/** Marks a system can have, and `planned` for none. */
export const statuses = ["planned", "parts", "parity", "trained", "claim"] as const;
export type Status = (typeof statuses)[number];

export interface SystemStatus {
  readonly marks: readonly Status[];
  /** Reference cases of its official code, and how the last comparison with each ended. */
  readonly parity: readonly {
    readonly case: string;
    /** `stale`: the case has changed since. */
    readonly outcome: "equal" | "different" | "stale" | "not-run";
  }[];
  /** Models of it, shipped or recorded. */
  readonly models: readonly string[];
  readonly claims: readonly { readonly name: string; readonly verdict: string }[];
}

/**
 * The status of an entry:
 * - `parts`: its composition, or its command, is in the code;
 * - `parity`: it has reference cases, and the last run of each was equal on the case as it is now;
 * - `trained`: a model of it is shipped, or a training of it recorded;
 * - `claim`: the paper's claim was measured and shown.
 *
 * The last three count only for what is in the code.
 */
export function statusOf({ name, command }: Entry, evidence: Evidence): SystemStatus {
  const own = evidence.results.filter(({ system }) => system === name);
  const parity = parityOf(name, evidence);
  const models = [
    ...evidence.models.filter(({ system }) => system === name).map((model) => model.name),
    ...own.filter(({ kind }) => kind === "training").map((record) => record.name),
  ];
  const claims = own
    .filter((record) => record.kind === "claim")
    .map((record) => ({ name: record.name, verdict: record.verdict }));
  const built =
    evidence.systems.includes(name) ||
    (command !== undefined && evidence.commands.includes(command));
  const reached: Readonly<Record<Exclude<Status, "planned">, boolean>> = {
    parts: true,
    parity: parity.length > 0 && parity.every(({ outcome }) => outcome === "equal"),
    trained: models.length > 0,
    claim: claims.some(({ verdict }) => verdict === "shown"),
  };
  const marks = statuses.filter((status) => status !== "planned" && reached[status]);
  return { marks: built ? marks : ["planned"], parity, models: [...new Set(models)], claims };
}

function parityOf(name: string, { cases, results }: Evidence): SystemStatus["parity"] {
  const records = results.filter(
    (record): record is ParityRecord => record.kind === "parity" && record.system === name,
  );
  const last = (word: ParityRecord) => (word.passed ? "equal" : "different");
  if (!cases) return records.map((record) => ({ case: record.name, outcome: last(record) }));
  return cases
    .filter(({ system }) => system === name)
    .map((present) => {
      const record = records.find((candidate) => candidate.name === present.name);
      if (!record) return { case: present.name, outcome: "not-run" };
      const same = record.fingerprint === present.fingerprint;
      return { case: present.name, outcome: same ? last(record) : "stale" };
    });
}
