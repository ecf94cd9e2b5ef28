/** The catalogue: every system Ordo has, by name. */
import { ConfigError } from "../errors.ts";
import { llamaGenSystem } from "./llamagen.ts";
import { marSystem } from "./mar.ts";
import type { System } from "./system.ts";
import { varSystem } from "./var.ts";

// each system checks its own configuration, so the catalogue need not know its type
export type AnySystem = System<never>;

export const systems: readonly AnySystem[] = [varSystem, llamaGenSystem, marSystem].map(
  (system) => system as unknown as AnySystem,
);

/** @throws ConfigError with the names there are. */
export function systemNamed(name: string, where: string): AnySystem {
  const found = systems.find((system) => system.name === name);
  if (found) return found;
  throw new ConfigError({
    where,
    expected: `a system of the catalogue: ${systems.map((system) => system.name).join(", ")}`,
    got: name,
  });
}
