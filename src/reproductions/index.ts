/** Papers' claims at small scale: `ordo reproduce`. */
import type { Reproduction } from "./reproduction.ts";

export { claimPlot } from "./claim-plot.ts";
export { type Effect, pairedEffect, type Verdict, verdictOf } from "./effect.ts";
export { type ReproduceOptions, reproduce, seedFolder } from "./reproduce.ts";
export type {
  Arm,
  ClaimedMeasure,
  Reproduction,
  SeedContext,
  Setting,
} from "./reproduction.ts";

/** All reproductions by the system's name; each is loaded when it is run. */
export const reproductions: Readonly<Record<string, () => Promise<Reproduction>>> = {
  var: () => import("./var.ts").then((module) => module.varReproduction),
};
