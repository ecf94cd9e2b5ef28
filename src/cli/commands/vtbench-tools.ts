/** Tokenizers, readers and networks, open for the time of a benchmark. */
import type { PerceptualNetwork } from "../../features/feature-network.ts";
import { openPerceptualNetwork } from "../../features/open-network.ts";
import { readTokenizer } from "../../recipes/tokenizer-folder.ts";
import type { Device } from "../../runtime/device.ts";
import { type OpenTokenizer, openTokenizer } from "../../vtbench/open-tokenizers.ts";
import { openTesseract, type TextReader } from "../../vtbench/tesseract-reader.ts";
import { drawableModels } from "../folders.ts";
import type { BenchValues } from "./vtbench-options.ts";

export interface BenchTools {
  readonly tokenizers: readonly OpenTokenizer[];
  /** Null where it is not installed or has nothing to read. */
  readonly tesseract: TextReader | null;
  readonly perceptual: PerceptualNetwork | null;
}

/** Shipped models that have a tokenizer. */
export async function shippedTokenizers(): Promise<string[]> {
  const names: string[] = [];
  for (const name of drawableModels()) {
    const found = await readTokenizer(name).catch(() => null);
    if (found) names.push(name);
  }
  return names;
}

type Wanted = Pick<BenchValues, "features" | "officialQuirks" | "tasks"> & {
  readonly names: readonly string[];
};

export async function withBenchTools<R>(
  device: Device,
  { names, features, officialQuirks, tasks }: Wanted,
  use: (tools: BenchTools) => Promise<R>,
): Promise<R> {
  const open: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> } | null>(opened: T): T => {
    if (opened) open.push(opened);
    return opened;
  };
  try {
    const tokenizers: OpenTokenizer[] = [];
    for (const name of names) {
      tokenizers.push(keep(await openTokenizer(device, name, { truncate: officialQuirks })));
    }
    const perceptual = features ? keep(await openPerceptualNetwork(device, features)) : null;
    const tesseract = tasks.includes("text") ? keep(await openTesseract()) : null;
    return await use({ tokenizers, tesseract, perceptual });
  } finally {
    for (const tool of open.reverse()) await tool.close();
  }
}
