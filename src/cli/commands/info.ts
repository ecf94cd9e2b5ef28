import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Command, type CommandResult, defineCommand, type Option } from "../command.ts";
import { text } from "../schemas.ts";
import { type Cell, table } from "../table.ts";
import { shortCount } from "../with-model.ts";

const key: Option<string | undefined> = {
  flags: "--key <name>",
  summary: "only this dict of a PyTorch file: ema, trainer.var_wo_ddp",
  schema: text("a dict of the file").optional(),
};

/** What a file or a model folder says of itself. */
export const info: Command = defineCommand({
  name: "info",
  summary: "Shows the recipe of a picture, the tensors of a checkpoint, or a model's facts.",
  examples: [
    "ordo info out/rocket-7.png",
    "ordo info models/emoji-var/model.safetensors",
    "ordo info ar-ckpt-last.pth --key trainer.var_wo_ddp",
    "ordo info models/emoji-var --json",
  ],
  arguments: {
    path: {
      summary: "a picture, a checkpoint (.safetensors, .pth, .pt, .ckpt) or a model folder",
      schema: text("a picture, a checkpoint or a model folder"),
    },
  },
  options: { key },
  async run(_context, { path, key }) {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory()) return folderInfo(path);
    const { isCheckpoint } = await import("../../checkpoints/index.ts");
    return (await isCheckpoint(path)) ? tensorInfo(path, key) : pictureInfo(path);
  },
});

async function pictureInfo(path: string): Promise<CommandResult> {
  const { describePicture, readRecipeFile } = await import("../../images/index.ts");
  const picture = await describePicture(path);
  const found = await readRecipeFile(path);
  const { format, width, height, frames, bytes } = picture;
  const head = `${path}: ${format} ${width}x${height}${frames > 1 ? `, ${frames} frames` : ""}, ${bytes} bytes`;
  const fields = found?.recipe ?? (found && { ...found.settings, ...found.other });
  const rows = Object.entries(fields ?? {}).map(([key, value]) => [key, inWords(value)]);
  const source = found?.sourceType ? [["source type", found.sourceType]] : [];
  const origin = found ? `recipe by ${found.writer}` : "no recipe";
  return {
    data: {
      kind: "picture",
      path,
      ...picture,
      ...(found && {
        writer: found.writer,
        settings: found.settings,
        ...(found.recipe && { recipe: found.recipe }),
        ...(found.sourceType && { sourceType: found.sourceType }),
        // what no program is known for is shown as it is
        ...(found.writer === "unknown" && { texts: found.texts }),
      }),
    },
    text: [head, origin, table([], [...rows, ...source])].filter(Boolean).join("\n"),
  };
}

async function tensorInfo(path: string, key: string | undefined): Promise<CommandResult> {
  const { checkpointKeys, elementBytes, elementCount, openCheckpoint } = await import(
    "../../checkpoints/index.ts"
  );
  // without a choice, everything there is: names then begin with the dict they lie in
  const dicts = key === undefined ? await checkpointKeys(path) : [];
  const choices = dicts.length > 1 ? dicts : [];
  const chosen = key ?? (choices.length > 1 ? "" : undefined);
  const file = await openCheckpoint(path, chosen === undefined ? {} : { key: chosen });
  const { format, entries, metadata } = file;
  await file.close();
  const tensors = entries
    .map(({ name, dtype, shape }) => {
      const parameters = elementCount(shape);
      return { name, dtype, shape, parameters, bytes: parameters * elementBytes(dtype) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const parameters = tensors.reduce((sum, tensor) => sum + tensor.parameters, 0);
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const rows = tensors.map((tensor): Cell[] => [
    inWords(tensor.name),
    tensor.dtype,
    tensor.shape.join("x"),
    tensor.parameters,
    tensor.bytes,
  ]);
  const facts = [...metadata].map(([name, value]) => [inWords(name), inWords(value)]);
  return {
    data: {
      kind: format,
      path,
      parameters,
      bytes,
      tensors,
      ...(choices.length > 0 && { dicts: choices }),
      metadata: Object.fromEntries(metadata),
    },
    text: [
      `${path}: ${tensors.length} tensors, ${parameters} parameters, ${bytes} bytes`,
      ...(choices.length > 0 ? [`dicts (--key): ${choices.map(inWords).join(", ")}`] : []),
      ...(facts.length > 0 ? [table([], facts)] : []),
      table(["tensor", "dtype", "shape", "parameters", "bytes"], rows),
    ].join("\n"),
  };
}

async function folderInfo(path: string): Promise<CommandResult> {
  const { elementCount, openSafetensorsFolder, readModelFolder } = await import(
    "../../checkpoints/index.ts"
  );
  const { name, config, ...folder } = await readModelFolder(path);
  const counts: [stem: string, parameters: number][] = [];
  for (const stem of ["model", "tokenizer"]) {
    const path = join(folder.path, `${stem}.safetensors`);
    // a tokenizer may lie in a folder of its own, and then is the model
    if (stem === "tokenizer" && !existsSync(path) && !existsSync(`${path}.index.json`)) continue;
    const file = await openSafetensorsFolder(folder.path, stem);
    await file.close();
    counts.push([stem, file.entries.reduce((sum, { shape }) => sum + elementCount(shape), 0)]);
  }
  const facts = { ...config.sampling, ...config.training };
  const rows = [
    ["system", config.system],
    ...counts.map(([stem, count]) => [`${stem} parameters`, shortCount(count)]),
    ...[...Object.entries(config.parts), ...Object.entries(facts)].map(([key, value]) => [
      key,
      inWords(value),
    ]),
  ];
  return {
    data: { kind: "model", path, name, ...config, parameters: Object.fromEntries(counts) },
    text: [`${name}: a model folder`, table([], rows)].join("\n"),
  };
}

/** Plain texts as they are, the rest as JSON: what a file says must not control the terminal. */
function inWords(value: unknown): string {
  const plain = typeof value === "string" && !/\p{Cc}/u.test(value);
  return plain ? value : JSON.stringify(value);
}
