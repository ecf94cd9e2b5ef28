import type { ParityReport, ParityRow } from "../../parity/index.ts";
import { type Command, defineCommand } from "../command.ts";
import * as shared from "../options.ts";
import { list, text } from "../schemas.ts";
import { table } from "../table.ts";
import type { Colors } from "../terminal.ts";
import { withDevice } from "../with-device.ts";

/** Whether a system computes what its official code computes. */
export const parity: Command = defineCommand({
  name: "parity",
  summary: "Compares every tensor of reference cases with what Ordo computes.",
  examples: [
    "ordo parity test/golden/var-tiny",
    "ordo parity test/golden/var-* --json",
    "ordo parity cases/var-tiny/var.pth",
  ],
  arguments: {
    cases: {
      summary: "case folders, with case.json and io.safetensors, or a checkpoint in one",
      schema: list(text("a case folder"), "case folders", 1),
      many: true,
    },
  },
  options: { device: shared.device },
  async run({ terminal, signal }, values) {
    const { runParity } = await import("../../parity/index.ts");
    const reports: ParityReport[] = [];
    await withDevice(values.device, terminal, async (device) => {
      const bar = terminal.progress({ label: "parity", total: values.cases.length, unit: "cases" });
      try {
        for (const folder of values.cases) {
          signal.throwIfAborted();
          reports.push(await runParity(device, folder));
          bar.update(reports.length, folder);
        }
      } finally {
        bar.stop();
      }
    });
    const passed = reports.every((report) => report.passed);
    return {
      data: { passed, cases: reports },
      text: reports.map((report) => inWords(report, terminal.colors)).join("\n\n"),
      exitCode: passed ? 0 : 1,
    };
  },
});

function inWords({ name, source, rows, passed }: ParityReport, colors: Colors): string {
  const verdict = passed ? colors.green("equal") : colors.red("different");
  const wrong = rows.filter((row) => !row.passed).length;
  const counts = wrong === 0 ? `${rows.length} tensors` : `${wrong} of ${rows.length} tensors`;
  const cells = (row: ParityRow) => [
    row.tensor,
    row.shape.join("x"),
    row.error === 0 ? "0" : row.error.toExponential(1),
    row.tolerance === 0 ? "0" : row.tolerance.toExponential(0),
    row.passed ? "ok" : colors.red("no"),
  ];
  const head = `${name} (${source}): ${verdict}, ${counts}`;
  return `${head}\n${table(["tensor", "shape", "error", "tolerance", ""], rows.map(cells))}`;
}
