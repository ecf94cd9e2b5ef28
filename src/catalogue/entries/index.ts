/** Every paper that Ordo sets out to cover, the systems they stand on included. */
import type { Entry } from "../entry.ts";
import { continuousEntries } from "./continuous.ts";
import { otherEntries } from "./others.ts";
import { scaleEntries } from "./scale.ts";
import { llamaGenEntries } from "./tokens-from-llamagen.ts";
import { languageEntries } from "./tokens-in-language.ts";

export const entries: readonly Entry[] = [
  ...scaleEntries,
  ...llamaGenEntries,
  ...languageEntries,
  ...continuousEntries,
  ...otherEntries,
];
