/** Finds every op record of the sources, so that a new op cannot go untested. */
import { readdirSync } from "node:fs";
import type { Op } from "../../src/graph/op.ts";

const graph = new URL("../../src/graph/", import.meta.url);

function isOp(value: unknown): value is Op<never> {
  return typeof value === "object" && value !== null && "infer" in value && "emit" in value;
}

/** Op records by the name under which a file of `src/graph` exports them. */
export async function opRecords(): Promise<Map<string, Op<never>>> {
  const files = readdirSync(graph, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const found = new Map<string, Op<never>>();
  for (const file of files.sort()) {
    const module = (await import(new URL(file, graph).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) if (isOp(value)) found.set(name, value);
  }
  return found;
}
