/** The network of the published FID as a feature network, from a file of its weights. */
import { resolve } from "node:path";
import { fileHash } from "../checkpoints/file-hash.ts";
import { cornerBilinearMatrix } from "../graph/resample-matrix.ts";
import { type Picture, requireOneSize, toPixels } from "../images/picture.ts";
import type { Device } from "../runtime/device.ts";
import { compile, type Feed } from "../runtime/function.ts";
import { compiledNetwork } from "./compiled-network.ts";
import type { FeatureNetwork } from "./feature-network.ts";
import {
  INCEPTION_CLASSES,
  INCEPTION_FEATURES,
  INCEPTION_SIDE,
  INCEPTION_SPATIAL,
  traceInception,
} from "./inception.ts";
import { readInceptionWeights } from "./inception-weights.ts";

export const INCEPTION_NAME = "inception-v3-2015";
/** What everybody computes FID with; its name ends in the first digits of its SHA-256. */
export const INCEPTION_FILE = "pt_inception-2015-12-05-6726825d.pth";
const PUBLISHED_HASH = "6726825d";

/** A picture has maps of 60 MB on the way. */
const BATCH = 16;

/**
 * Opens the network; the caller closes it.
 *
 * Weights that are not the published file bit for bit, such as a conversion of it, have their own
 * hash in the name.
 *
 * @throws CheckpointError listing every tensor of the file that is missing, surplus or of another shape.
 */
export async function openInception(device: Device, path: string): Promise<FeatureNetwork> {
  const { scope, ...results } = traceInception();
  const constants = await readInceptionWeights(path, scope.specs);
  const hash = (await fileHash(resolve(path)))!.slice(0, PUBLISHED_HASH.length);
  return compiledNetwork({
    name: hash === PUBLISHED_HASH ? INCEPTION_NAME : `${INCEPTION_NAME}-${hash}`,
    isInception: true,
    width: INCEPTION_FEATURES,
    classes: INCEPTION_CLASSES,
    spatialWidth: INCEPTION_SPATIAL,
    classNames: null,
    classFields: [],
    preprocessing: `bilinear of TensorFlow 1 to ${INCEPTION_SIDE}x${INCEPTION_SIDE}, (x - 128) / 128`,
    fn: await compile(device, INCEPTION_NAME, { ...results }, { constants }),
    batch: BATCH,
    prepare: async (picture) => picture,
    feeds: inceptionFeeds,
  });
}

/** Pictures of one size and the matrices that resize them. */
export function inceptionFeeds(pictures: readonly Picture[]): Readonly<Record<string, Feed>> {
  const { width, height } = requireOneSize("inception", pictures);
  const matrix = (side: number): Feed => ({
    data: cornerBilinearMatrix(side, INCEPTION_SIDE),
    dims: [INCEPTION_SIDE, side],
  });
  return {
    pixels: { data: toPixels(pictures), dims: [pictures.length, 3, height, width] },
    rows: matrix(height),
    columns: matrix(width),
  };
}
