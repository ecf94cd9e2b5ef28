/** A classifier of random weights, small enough to be written and run in a moment. */
import { writeClassifier } from "../../src/features/classifier-folder.ts";
import { smallResnet } from "../../src/features/small-resnet.ts";
import { input } from "../../src/graph/ops/source.ts";
import { Scope } from "../../src/nn/layer.ts";
import { wildParameters } from "../conformance/tiny-systems.ts";

const sizes = { channels: [8, 8], blocks: [1, 1], dimensions: 6, groups: 4 };
const side = 8;
const classes = ["one", "two", "three"];

export async function writeTinyClassifier(folder: string, seed = 1): Promise<void> {
  const scope = new Scope();
  smallResnet(scope, input("pixels", "float32", [1, 3, side, side]), { ...sizes, classes: 3 });
  await writeClassifier(
    folder,
    {
      schema: 1,
      kind: "classifier",
      dataset: "tiny",
      arch: "small-resnet",
      sizes: { side, ...sizes },
      classes,
      testAccuracy: 0.5,
    },
    wildParameters(scope.specs, seed),
  );
}
