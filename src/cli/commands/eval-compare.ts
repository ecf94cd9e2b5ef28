import { type ComparedMetric, compareResults, readResult } from "../../eval/compare.ts";
import { figure } from "../../eval/metric.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { table } from "../table.ts";
import { type EvalValues, requireAsked } from "./eval-options.ts";

/** `ordo eval compare`. */
export async function evalCompare(
  { terminal }: CommandContext,
  paths: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  requireAsked("compare", paths, values, ["a result or report folder", "another one"]);
  const [a, b] = paths as [string, string];
  const [first, second] = [await readResult(a), await readResult(b)];
  const { metrics, leftOut } = compareResults(first, second);
  for (const reason of leftOut) terminal.note(`left out: ${reason}`);
  const rows = metrics.map((one) => [
    one.name,
    figure(one.first),
    figure(one.second),
    signed(one.difference),
    intervalWords(one),
    one.verdict,
  ]);
  return {
    data: { first: first.subject, second: second.subject, metrics, leftOut },
    text: table(
      [
        "metric",
        first.subject.name,
        second.subject.name,
        "difference",
        "95 % interval",
        "second is",
      ],
      rows,
    ),
  };
}

function intervalWords({ interval }: ComparedMetric): string {
  return interval ? `${signed(interval.low)} … ${signed(interval.high)}` : "none";
}

function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}
