import { basename, join } from "node:path";
import { shownAt } from "../../eval/gallery.ts";
import {
  measureReconstructions,
  type ReconstructionMeasurement,
} from "../../eval/measure-reconstructions.ts";
import { openPictureSet } from "../../eval/open-pictures.ts";
import { chosenPictures, type PictureSet } from "../../eval/picture-set.ts";
import type { ShownPair } from "../../eval/report/tokenizer-report.ts";
import { type EvalResult, RESULT_FORMAT } from "../../eval/result.ts";
import type { FeatureNetwork, PerceptualNetwork } from "../../features/feature-network.ts";
import { openPerceptualNetwork } from "../../features/open-network.ts";
import type { Device } from "../../runtime/device.ts";
import type { PictureTokenizer } from "../../systems/picture-tokenizer.ts";
import { tokenizerHash } from "../../systems/tokenizer-hash.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { defaultModel } from "../options.ts";
import { withTokenizer } from "../with-model.ts";
import { commandLine, type EvalValues, requireAsked } from "./eval-options.ts";
import { stem } from "./eval-samples.ts";
import {
  DEFAULT_FEATURES,
  DEFAULT_SEED,
  finished,
  networkFacts,
  withProgress,
  withTools,
} from "./eval-tools.ts";

/** Pictures of each kind in the report: worst, median, best. */
const SHOWN = 6;

/** `ordo eval tokenizer`. */
export async function evalTokenizer(
  context: CommandContext,
  given: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  const paths = given.length > 0 ? given : [defaultModel];
  requireAsked("tokenizer", paths, values, ["a model or tokenizer"]);
  const [model] = paths as [string];
  const { seed = DEFAULT_SEED } = values;
  return withTokenizer({ model, device: values.device }, context.terminal, async (tokenizer) => {
    const all = await openPictureSet(values.data!, { size: tokenizer.size });
    const originals = chosenPictures(all, values.count ?? all.count, seed);
    return await withTools(context, values, async ({ device, network, measuring, settings }) => {
      const perceptual = await openPerceptual(device, network, values);
      const measured = await withProgress(
        context,
        { label: "reconstructing", total: 2 * originals.count, unit: "pictures" },
        (onProgress) =>
          measureReconstructions(originals, tokenizer, { ...measuring, perceptual, onProgress }),
      ).finally(() => perceptual.close());
      const fingerprint = measured.originals.fingerprint();
      const { count, decoding } = originals;
      const result: EvalResult = {
        format: RESULT_FORMAT,
        kind: "tokenizer",
        subject: {
          name: stem(model),
          count,
          decoding,
          fingerprint: await tokenizerHash(tokenizer),
        },
        reference: { name: basename(values.data!), count, decoding, fingerprint },
        network: networkFacts(network),
        metrics: measured.metrics,
        warnings: [],
        settings: { command: commandLine("tokenizer", paths, values), ...settings },
        details: { scales: measured.scales },
      };
      const page = values.report ? await pageOf(result, measured, originals, tokenizer) : null;
      const folder = values.output ?? join("eval", `tokenizer-${stem(model)}`);
      return finished(context, result, { folder, force: values.force, page });
    }).finally(() => all.close());
  });
}

/** Inception has no layers for it: beside it, the classifier that is the default. */
function openPerceptual(
  device: Device,
  { isInception }: FeatureNetwork,
  { lpips, features = DEFAULT_FEATURES }: EvalValues,
): Promise<PerceptualNetwork> {
  return openPerceptualNetwork(device, lpips ?? (isInception ? DEFAULT_FEATURES : features));
}

async function pageOf(
  result: EvalResult,
  measured: ReconstructionMeasurement,
  originals: PictureSet,
  tokenizer: PictureTokenizer,
): Promise<string> {
  const { psnr } = measured.pairs;
  const order = Array.from(psnr.keys()).sort((a, b) => psnr[a]! - psnr[b]! || a - b);
  const middle = Math.max(0, Math.floor((order.length - SHOWN) / 2));
  const places = [
    order.slice(0, SHOWN),
    order.slice(middle, middle + SHOWN),
    order.slice(-SHOWN).reverse(),
  ];
  const shown = await shownAt(originals, places.flat());
  const pairs = async (indices: readonly number[]): Promise<ShownPair[]> => {
    const found: ShownPair[] = [];
    for (const index of indices) {
      const { picture: original, caption } = shown.get(index)!;
      const { picture: rebuilt } = await tokenizer.tokenize(original);
      found.push({ original, rebuilt, caption, psnr: psnr[index]! });
    }
    return found;
  };
  const [worst, median, best] = [
    await pairs(places[0]!),
    await pairs(places[1]!),
    await pairs(places[2]!),
  ];
  const { tokenizerReport } = await import("../../eval/report/tokenizer-report.ts");
  return tokenizerReport({ result, measured, worst, median, best });
}
