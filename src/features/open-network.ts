/** From what a user calls a network to the network. */
import { isCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { resolveModel } from "../checkpoints/resolve-model.ts";
import { CheckpointError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { classifierDistance } from "./classifier-distance.ts";
import { type Classifier, readClassifier } from "./classifier-folder.ts";
import { classifierNetwork } from "./classifier-network.ts";
import { CLIP_FILES, clipFiles, openClip } from "./clip-network.ts";
import type { FeatureNetwork, PerceptualNetwork } from "./feature-network.ts";
import { INCEPTION_FILE, openInception } from "./inception-network.ts";
import { type LpipsFiles, readLpips } from "./lpips.ts";
import { type PairParts, pairNetwork } from "./pair-network.ts";
import type { TextImageNetwork } from "./text-image-network.ts";

/**
 * Opens a feature network; the caller closes it.
 *
 * @param nameOrPath a shipped classifier, the folder of a trained one or of its run, or the file of
 * FID's Inception network.
 * @throws ConfigError if there is none of that name; CheckpointError if its files do not fit, or if
 * FID's network is asked for without its file.
 */
export async function openFeatureNetwork(
  device: Device,
  nameOrPath: string,
): Promise<FeatureNetwork> {
  if (/^(fid|inception(-v3-2015)?)$/i.test(nameOrPath)) {
    throw unavailable("FID", INCEPTION_FILE, "Mixed_5b.branch1x1.conv.weight", insteadOf("FD[…]"));
  }
  if (await isCheckpoint(nameOrPath)) return openInception(device, nameOrPath);
  return classifierNetwork(device, await classifierNamed(nameOrPath));
}

/**
 * Opens a network that compares pictures in pairs; the caller closes it.
 *
 * @param source the files of LPIPS, or a classifier by name or path as for `openFeatureNetwork`.
 * @throws ConfigError if there is no classifier of that name; CheckpointError if files do not fit, or
 * if LPIPS is asked for without its files.
 */
export async function openPerceptualNetwork(
  device: Device,
  source: string | LpipsFiles,
): Promise<PerceptualNetwork> {
  return pairNetwork(device, await readPerceptualNetwork(source));
}

/** The same, to be traced into another graph. @throws as `openPerceptualNetwork`. */
export async function readPerceptualNetwork(source: string | LpipsFiles): Promise<PairParts> {
  if (typeof source !== "string") return readLpips(source);
  if (/^lpips\b/i.test(source)) {
    const files = "torchvision's AlexNet or VGG16 and the lpips package's v0.1/alex.pth or vgg.pth";
    const keys = "features.0.weight and lin0.model.1.weight";
    throw unavailable("LPIPS", files, keys, insteadOf("PercDist[…]"));
  }
  return classifierDistance(await classifierNamed(source));
}

/**
 * Opens CLIP from a folder in Hugging Face's layout, whose weights may also have OpenAI's names; the
 * caller closes it.
 *
 * @throws CheckpointError if a file is missing, or listing everything in the weights or the vocabulary
 * that does not fit.
 */
export async function openTextImageNetwork(
  device: Device,
  folder: string,
): Promise<TextImageNetwork> {
  const files = await clipFiles(folder);
  if (!("missing" in files)) return openClip(device, folder, files);
  const keys =
    "vision_model.embeddings.patch_embedding.weight (Hugging Face) or visual.conv1.weight (OpenAI)";
  throw unavailable("CLIP score", CLIP_FILES, keys, {
    got: `no ${files.missing.join(", ")} in ${folder}`,
    hint: "Give the folder of a CLIP with a ViT, such as ViT-B/32",
  });
}

async function classifierNamed(nameOrPath: string): Promise<Classifier> {
  return readClassifier(await resolveModel(nameOrPath));
}

/** Why a network cannot be had, and what to do. */
interface Lack {
  readonly got: string;
  readonly hint: string;
}

function insteadOf(metric: string): Lack {
  return {
    got: "a name without a file",
    hint: `Give the path; a classifier that was trained here measures ${metric} instead`,
  };
}

function unavailable(metric: string, files: string, keys: string, lack: Lack): CheckpointError {
  return new CheckpointError({
    where: `unavailable: ${metric}`,
    expected: `the weights of its network, ${files}, with keys like ${keys}`,
    ...lack,
  });
}
