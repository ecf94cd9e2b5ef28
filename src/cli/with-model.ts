/** A model or its tokenizer, open for the time of a command. */
import { availableParallelism } from "node:os";
import { basename, resolve } from "node:path";
import type { Device } from "../runtime/device.ts";
import type { Precision } from "../runtime/precision.ts";
import type { Model } from "../systems/model.ts";
import type { PictureTokenizer } from "../systems/picture-tokenizer.ts";
import type { WeightFormat } from "../systems/weight-format.ts";
import type { Terminal } from "./terminal.ts";
import { withDevice } from "./with-device.ts";

export interface ModelChoice {
  /** A folder or a shipped name. */
  readonly model: string;
  readonly device: string;
  /** Number format of its matrices; default fp32. */
  readonly weights?: WeightFormat;
  /** What the device computes in; default fp32. */
  readonly precision?: Precision;
}

/** Opens a model, says which one, and closes it whatever happens. */
export async function withModel<R>(
  choice: ModelChoice,
  terminal: Terminal,
  use: (model: Model) => Promise<R>,
): Promise<R> {
  const { load } = await import("../systems/load.ts");
  const { weights = "fp32", precision = "fp32" } = choice;
  const useModel = async (device: Device) => {
    // commands draw few pictures, all of them alike to the last bit
    const model = await load(choice.model, device, { weights, prepack: false });
    const { name, title, parameters } = model.facts;
    const size = `${shortCount(parameters)} parameters`;
    terminal.note([name, title, size, weights, deviceWords(device)].join(" · "));
    return use(model).finally(() => model.close());
  };
  return withDevice(choice.device, terminal, useModel, { precision });
}

/** The same for the tokenizer alone, which may also lie in a folder of its own. */
export async function withTokenizer<R>(
  choice: ModelChoice,
  terminal: Terminal,
  use: (tokenizer: PictureTokenizer) => Promise<R>,
): Promise<R> {
  const { readTokenizer } = await import("../recipes/tokenizer-folder.ts");
  const { PictureTokenizer } = await import("../systems/picture-tokenizer.ts");
  return withDevice(choice.device, terminal, async (device) => {
    const { options, parameters } = await readTokenizer(choice.model);
    const name = basename(resolve(choice.model));
    const tokenizer = new PictureTokenizer(device, name, options, parameters);
    const { width, height } = tokenizer.size;
    const { maps, codebookSize } = tokenizer;
    const words = [
      name,
      `${width}x${height}`,
      maps.length === 1 ? "one map" : `${maps.length} maps`,
      ...(codebookSize === undefined ? [] : [`${codebookSize} codes`]),
      deviceWords(device),
    ];
    terminal.note(words.join(" · "));
    return use(tokenizer).finally(() => tokenizer.close());
  });
}

function deviceWords({ name, threads, precision }: Device): string {
  const computes = precision === "fp32" ? "" : ` in ${precision}`;
  if (name !== "cpu") return `${name}${computes}`;
  const count = threads || availableParallelism();
  return `cpu (${count} ${count === 1 ? "thread" : "threads"})${computes}`;
}

/** 12 345 678 as "12.3 M". */
export function shortCount(count: number): string {
  const units = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const;
  const [unit, letter] = units.find(([unit]) => count >= unit) ?? [1, ""];
  return letter ? `${(count / unit).toFixed(unit === 1e9 ? 2 : 1)} ${letter}` : String(count);
}
