/** What every measurement needs while it runs: the network, its cache, the report's folder. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../cache-folder.ts";
import { FeatureCache } from "../../eval/feature-cache.ts";
import type { MeasureOptions } from "../../eval/measure-sets.ts";
import { intervalWords, valueWords } from "../../eval/metric.ts";
import {
  type EvalResult,
  REPORT_FILE,
  RESULT_FILE,
  type ResultNetwork,
  type Setting,
} from "../../eval/result.ts";
import type { FeatureNetwork } from "../../features/feature-network.ts";
import { openFeatureNetwork, openTextImageNetwork } from "../../features/open-network.ts";
import type { TextImageNetwork } from "../../features/text-image-network.ts";
import { writeWhole } from "../../images/whole-file.ts";
import type { Device } from "../../runtime/device.ts";
import { hardwareOf } from "../../runtime/hardware.ts";
import { ordoVersion } from "../../version.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { freePath } from "../named-outputs.ts";
import type { ProgressOptions } from "../progress.ts";
import { table } from "../table.ts";
import { withDevice } from "../with-device.ts";
import type { EvalValues } from "./eval-options.ts";

/** The network that measures unless another one is named. */
export const DEFAULT_FEATURES = "emoji-scenes";
export const DEFAULT_SEED = 1;
const DEFAULT_BATCH = 64;

export interface EvalTools {
  readonly device: Device;
  readonly network: FeatureNetwork;
  /** Null unless asked for. */
  readonly clip: TextImageNetwork | null;
  /** For the measuring functions. */
  readonly measuring: Omit<MeasureOptions, "onProgress">;
  /** Settings that all kinds have. */
  readonly settings: Readonly<Record<string, Setting>>;
}

/** Opens network and cache for the time of a measurement. */
export async function withTools<R>(
  { terminal, signal, env }: CommandContext,
  values: EvalValues,
  use: (tools: EvalTools) => Promise<R>,
): Promise<R> {
  const { seed = DEFAULT_SEED, batch = DEFAULT_BATCH, features = DEFAULT_FEATURES } = values;
  return withDevice(values.device, terminal, async (device) => {
    const network = await openFeatureNetwork(device, features);
    let clip: TextImageNetwork | null = null;
    try {
      if (values.clip !== undefined) clip = await openTextImageNetwork(device, values.clip);
      terminal.note(`measured by ${network.name}`);
      const cache = await FeatureCache.open(join(cacheFolder(env), "features"), network);
      const settings = {
        seed,
        ordo: await ordoVersion(),
        node: process.version,
        hardware: hardwareOf(device),
      };
      const measuring = { network, cache, batch, seed, signal };
      return await use({ device, network, clip, measuring, settings }).finally(() => cache.close());
    } finally {
      await clip?.close();
      await network.close();
    }
  });
}

/** A bar that is there while `run` works. */
export async function withProgress<R>(
  { terminal }: CommandContext,
  options: ProgressOptions,
  run: (onProgress: (done: number) => void) => Promise<R>,
): Promise<R> {
  const bar = terminal.progress(options);
  return run((done) => bar.update(done)).finally(() => bar.stop());
}

export function networkFacts(network: FeatureNetwork): ResultNetwork {
  const { name, isInception, width, classes, preprocessing } = network;
  return { name, isInception, width, classes, preprocessing };
}

/** Writes report and result into a folder, and says what was found. */
export async function finished(
  { terminal }: CommandContext,
  result: EvalResult,
  { folder, force, page }: { folder: string; force: boolean; page: string | null },
): Promise<CommandResult> {
  const files = page === null ? {} : await writeReport(result, page, folder, force);
  for (const warning of result.warnings) terminal.warn(warning);
  const rows = result.metrics.map((metric) => [
    metric.name,
    valueWords(metric),
    intervalWords(metric),
    metric.floor ? `floor ${valueWords({ ...metric, value: metric.floor.value })}` : "",
  ]);
  const text = table(["metric", "value", "95 % interval", ""], rows);
  return {
    data: { ...result, ...files },
    text: [text, ...Object.values(files)].join("\n"),
  };
}

async function writeReport(
  result: EvalResult,
  page: string,
  folder: string,
  force: boolean,
): Promise<{ report: string; file: string }> {
  await mkdir(folder, { recursive: true });
  const free = (name: string) => {
    const path = join(folder, name);
    return force ? path : freePath(path);
  };
  const [report, file] = [free(REPORT_FILE), free(RESULT_FILE)];
  await writeWhole(file, `${JSON.stringify(result, null, 2)}\n`);
  await writeWhole(report, page);
  return { report, file };
}
