/** Gathers what is there: the code, the reference cases, the result files, the shipped models. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readJson } from "../checkpoints/json-file.ts";
import { readParityCase } from "../checkpoints/parity-case.ts";
import { shippedModels, shippedModelsFolder } from "../checkpoints/resolve-model.ts";
import { systems } from "../systems/index.ts";
import { entries } from "./entries/index.ts";
import { caseFingerprint, readResults } from "./results.ts";
import type { Evidence } from "./status.ts";

// `src/catalogue` and `dist/catalogue` are equally deep
export const resultsFolder: string = fileURLToPath(new URL("../../results", import.meta.url));
export const claimsFolder: string = fileURLToPath(
  new URL("../../reproductions/results", import.meta.url),
);
export const casesFolder: string = fileURLToPath(new URL("../../test/golden", import.meta.url));
const commandsFolder = fileURLToPath(new URL("../cli/commands", import.meta.url));

export interface EvidenceFolders {
  readonly results?: string;
  readonly claims?: string;
  readonly cases?: string;
  readonly models?: string;
}

/** @throws CheckpointError for a case, result or model whose files are damaged. */
export async function gatherEvidence({
  results = resultsFolder,
  claims = claimsFolder,
  cases = casesFolder,
  models = shippedModelsFolder,
}: EvidenceFolders = {}): Promise<Evidence> {
  return {
    systems: systems.map(({ name }) => name),
    commands: entries.flatMap(({ command }) =>
      command !== undefined && isCommand(command) ? [command] : [],
    ),
    cases: existsSync(cases) ? await readCases(cases) : null,
    results: [...(await readResults(results)), ...(await readResults(claims))],
    models: await readModels(models),
  };
}

/** One command is one file; the catalogue lies below the commands and may not import them. */
function isCommand(name: string): boolean {
  return ["ts", "js"].some((ending) => existsSync(join(commandsFolder, `${name}.${ending}`)));
}

async function readCases(folder: string): Promise<NonNullable<Evidence["cases"]>> {
  const names = (await readdir(folder)).filter((name) =>
    existsSync(join(folder, name, "case.json")),
  );
  return Promise.all(
    names.sort().map(async (name) => {
      const { system } = await readParityCase(join(folder, name));
      return { name, system, fingerprint: await caseFingerprint(join(folder, name)) };
    }),
  );
}

async function readModels(models: string): Promise<Evidence["models"]> {
  const names = await shippedModels({ models });
  // networks for measuring are shipped there too, and belong to no system
  const schema = z.looseObject({ system: z.string().optional() });
  const found = await Promise.all(
    names.map(async (name) => ({
      name,
      system: (await readJson(join(models, name, "config.json"), schema)).system,
    })),
  );
  return found.flatMap(({ name, system }) => (system === undefined ? [] : [{ name, system }]));
}
