/** Conditioning on class numbers, with one more vector for "no class". */
import { ConfigError } from "../errors.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import type { Initializer } from "../nn/initializers.ts";
import type { Conditioning, Request } from "./conditioning.ts";

export interface ClassLabelOptions {
  /** Without the null class, which has the number after the last. */
  readonly classes: number;
  readonly width: number;
  readonly init: Initializer;
  /**
   * The vector of no class is a parameter of its own, as in MAR's checkpoints, instead of the last
   * row of the table, as in VAR's.
   */
  readonly separateNull?: boolean;
}

export function classLabels(options: ClassLabelOptions): Conditioning {
  const { classes, width, init, separateNull = false } = options;
  return {
    accepts: { kind: "classes", count: classes },
    inputs: (batch) => ({ label: input("label", "int32", [batch]) }),
    bind: (scope) => {
      const rows = separateNull ? classes : classes + 1;
      const own = scope.parameter("classEmbedding", { shape: [rows, width], init });
      if (!separateNull) return ({ label }) => lookup(own, label!);
      const none = scope.parameter("noClass", { shape: [1, width], init });
      return ({ label }) => lookup(concat([own, none], 0), label!);
    },
    feeds: (requests) => {
      const data = Int32Array.from(requests, (request) => labelOf(request, classes));
      return { feeds: { label: { data, dims: [requests.length] } }, unknown: [] };
    },
  };
}

function labelOf(request: Request, classes: number): number {
  if (request === null) return classes;
  const label = Number(request);
  if (Number.isInteger(label) && label >= 0 && label < classes) return label;
  throw new ConfigError({
    where: "class",
    expected: `a class number from 0 to ${classes - 1}`,
    got: JSON.stringify(request),
  });
}
