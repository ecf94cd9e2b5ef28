/** Presets of all systems by what people call them. */
import { ConfigError } from "../errors.ts";
import type { AnySystem } from "./index.ts";
import type { Composition } from "./system.ts";

export interface NamedPreset {
  /** `var d16-256` */
  readonly name: string;
  readonly composition: Composition;
}

/**
 * A preset by its name or the beginning of it, with or without its system in front: `d16-256`, `d16`,
 * `mar-b-256`, `mar-b`. Undefined if there is none.
 *
 * @throws ConfigError if several systems have one of this name.
 */
export function presetNamed(systems: readonly AnySystem[], name: string): NamedPreset | undefined {
  const found = systems.flatMap((system) => {
    const presets: Readonly<Record<string, never>> = system.presets;
    const own = name.startsWith(`${system.name}-`) ? name.slice(system.name.length + 1) : name;
    const preset = match(Object.keys(presets), own);
    return preset === undefined ? [] : [{ system, preset, config: presets[preset]! }];
  });
  const [first, second] = found;
  if (!first) return undefined;
  if (second) {
    const full = found.map(({ system, preset }) => `${system.name}-${preset}`);
    throw new ConfigError({
      where: name,
      expected: "a preset of one system",
      got: `one of ${found.length}: ${full.join(", ")}`,
      hint: "Put the system's name in front.",
    });
  }
  const { system, preset, config } = first;
  return { name: `${system.name} ${preset}`, composition: system.compose(config, {}) };
}

/** The first with this beginning, where none has the whole name; `d36s-512` begins with `d36`. */
function match(presets: readonly string[], name: string): string | undefined {
  return (
    presets.find((preset) => preset === name) ??
    presets.find((preset) => preset.startsWith(`${name}-`)) ??
    presets.find((preset) => preset.split("-")[0]!.replace(/s$/, "") === name)
  );
}
