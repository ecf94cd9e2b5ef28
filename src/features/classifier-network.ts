/** A classifier that was trained here, as a feature network. */
import { namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { toPixels } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { classify } from "./classifier.ts";
import { type Classifier, classifierOptions } from "./classifier-folder.ts";
import { compiledNetwork } from "./compiled-network.ts";
import type { FeatureNetwork } from "./feature-network.ts";

/** Large enough to fill the cores, small enough for the caches. */
const BATCH = 64;

/** `<dataset>-<arch>-D<dim>-<first 8 hex digits of the weights' hash>` */
export function classifierName({ config, hash }: Classifier): string {
  const { dataset, arch, sizes } = config;
  return `${dataset}-${arch}-D${sizes.dimensions}-${hash.slice(0, 8)}`;
}

/** Prepares a classifier on a device; the caller closes it. */
export async function classifierNetwork(
  device: Device,
  classifier: Classifier,
): Promise<FeatureNetwork> {
  const { config, parameters } = classifier;
  const { side, dimensions } = config.sizes;
  const classes = config.classes.length;
  const pixels = input("pixels", "float32", [namedDim("B"), 3, side, side]);
  const { features, logits } = classify(new Scope(), pixels, classifierOptions(config));
  const name = classifierName(classifier);
  return compiledNetwork({
    name,
    isInception: false,
    width: dimensions,
    classes,
    spatialWidth: null,
    classNames: config.classes,
    classFields: config.classFields ?? [],
    preprocessing: `Lanczos to ${side}x${side}, middle cropped`,
    fn: await compile(device, name, { features, logits }, { constants: parameters }),
    batch: BATCH,
    prepare: (picture) => resizePicture(picture, side),
    feeds: (pictures) => {
      const data = toPixels(pictures);
      return { pixels: { data, dims: [pictures.length, 3, side, side] } };
    },
  });
}
