/** Writes docs/ops.md. */
import { writeFileSync } from "node:fs";
import { opTable } from "../test/ops/op-table.ts";

writeFileSync(new URL("../docs/ops.md", import.meta.url), opTable());
