/** Conditioning on class numbers, with one more row for "no class" (sheet var: null id = classes). */
import { ConfigError } from "../errors.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { input } from "../graph/ops/source.ts";
import type { Initializer } from "../nn/initializers.ts";
import type { Conditioning, Request } from "./conditioning.ts";

export interface ClassLabelOptions {
  /** Without the null class, which has the number after the last. */
  readonly classes: number;
  readonly width: number;
  readonly init: Initializer;
}

export function classLabels({ classes, width, init }: ClassLabelOptions): Conditioning {
  return {
    accepts: { kind: "classes", count: classes },
    inputs: (batch) => ({ label: input("label", "int32", [batch]) }),
    bind: (scope) => {
      const spec = { shape: [classes + 1, width], init };
      const table = scope.parameter("classEmbedding", spec);
      return ({ label }) => lookup(table, label!);
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
