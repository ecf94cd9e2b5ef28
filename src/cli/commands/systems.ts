import { nearNames } from "../../checkpoints/near-names.ts";
import type { SystemDescription } from "../../systems/describe.ts";
import type { AnySystem } from "../../systems/index.ts";
import { type Command, defineCommand } from "../command.ts";
import { text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";

/** The catalogue, computed from what the systems are composed of. */
export const systems: Command = defineCommand({
  name: "systems",
  summary: "Lists the systems; with a name, its parts and presets.",
  examples: ["ordo systems", "ordo systems var", "ordo systems --json"],
  arguments: {
    name: { summary: "a system", schema: text("a system").optional() },
  },
  options: {},
  async run(_context, { name }) {
    const { systems: all } = await import("../../systems/index.ts");
    const chosen = name === undefined ? all : [named(all, name)];
    const { describeSystem } = await import("../../systems/describe.ts");
    const described = chosen.map(describeSystem);
    return {
      data: { systems: described },
      text: name === undefined ? listed(described) : detailed(described[0]!),
    };
  },
});

function named(all: readonly AnySystem[], name: string): AnySystem {
  const found = all.find((system) => system.name === name);
  if (found) return found;
  const names = all.map((system) => system.name);
  const near = nearNames(name, names)[0];
  throw new UsageError(
    [`no system is called ${JSON.stringify(name)}; there are: ${names.join(", ")}`],
    near ? `ordo systems ${near}` : "ordo systems",
  );
}

function listed(systems: readonly SystemDescription[]): string {
  const rows = systems.map(({ name, title, paper, presets }) => [
    name,
    title,
    paper,
    presets.map((preset) => preset.name).join(" "),
  ]);
  return table(["name", "title", "paper", "presets"], rows);
}

function detailed({ title, paper, parts, presets }: SystemDescription): string {
  const rows = presets.map(({ name, transformer, tokenizer, tokens, passes }) => [
    name,
    transformer.toLocaleString("en"),
    tokenizer.toLocaleString("en"),
    tokens,
    passes,
  ]);
  return [
    `${title} (${paper})`,
    table([], Object.entries(parts)),
    table(["preset", "transformer", "tokenizer", "tokens", "passes"], rows),
  ].join("\n\n");
}
