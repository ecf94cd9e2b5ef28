/** A paper's claim as a small experiment: a baseline and the system, alike but for one decision. */
import type { Picture } from "../images/picture.ts";
import type { Device } from "../runtime/device.ts";
import type { Claimed, Effect } from "./effect.ts";

/** A number that both arms have, and which of the two should have the smaller one. */
export interface ClaimedMeasure {
  readonly name: string;
  readonly unit: string;
  readonly claimed: Claimed;
  readonly compared: Effect["kind"];
}

/** What one arm came to, for one seed. */
export interface Arm {
  /** One value for each measure, by name. */
  readonly values: Readonly<Record<string, number>>;
  /** A measure while the training goes on: value by training step. */
  readonly curve?: readonly { readonly step: number; readonly value: number }[];
  readonly pictures: readonly Picture[];
}

export interface SeedContext {
  readonly device: Device;
  /** Sizes so small that the run only proves that it runs. */
  readonly quick: boolean;
  readonly seed: number;
  /** Files of this seed; what is found there was made by an earlier run of the same settings. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** @param share of this seed's work that is done, 0 … 1. */
  readonly onProgress: (share: number, doing: string) => void;
}

/** Everything that shapes the numbers, in words and figures that go into the record. */
export type Setting = Readonly<Record<string, string | number>>;

export interface Reproduction {
  /** Name in the catalogue. */
  readonly system: string;
  /** One sentence. */
  readonly claim: string;
  /** Where the paper says it, with its numbers. */
  readonly source: string;
  /** Name of the baseline, for tables and plots. */
  readonly baseline: string;
  readonly measures: readonly ClaimedMeasure[];
  /** What the curve of an arm shows. */
  readonly curve?: string;
  setting(quick: boolean): Setting;
  /** Trains and measures both arms. @throws the signal's reason when it aborts. */
  run(context: SeedContext): Promise<{ readonly baseline: Arm; readonly system: Arm }>;
}
