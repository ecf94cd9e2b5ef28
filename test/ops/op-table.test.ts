import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { opTable } from "./op-table.ts";

it("docs/ops.md is what scripts/op-table.ts would write now", () => {
  const written = readFileSync(new URL("../../docs/ops.md", import.meta.url), "utf8");
  expect(written).toBe(opTable());
});
