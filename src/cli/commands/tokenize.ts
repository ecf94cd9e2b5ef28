import type { PictureTokenizer } from "../../systems/picture-tokenizer.ts";
import type { TokenFile, TokenizedPicture } from "../../systems/token-file.ts";
import { type Command, type CommandContext, defineCommand, type Option } from "../command.ts";
import { freePath, namedOutputs } from "../named-outputs.ts";
import * as shared from "../options.ts";
import { pictureFiles, stemOf } from "../picture-files.ts";
import { list, text } from "../schemas.ts";
import { UsageError } from "../usage-error.ts";
import { withTokenizer } from "../with-model.ts";

const output: Option<string | undefined> = {
  flags: "-o, --output <path>",
  summary: "a JSON file for tokens (stdout without it); with --decode, a folder for pictures",
  schema: text("a file or a folder").optional(),
};

const decode: Option<string | undefined> = {
  flags: "--decode <file>",
  summary: "the other way: pictures from a file of tokens",
  schema: text("a file of tokens").optional(),
};

/** Pictures as token ids, and back. */
export const tokenize: Command = defineCommand({
  name: "tokenize",
  summary: "Turns pictures into token ids, and back.",
  examples: [
    "ordo tokenize photo.png -o tokens.json",
    "ordo tokenize pictures/ -m runs/my-tokenizer/model",
    "ordo tokenize --decode tokens.json -o out/",
  ],
  arguments: {
    images: {
      summary: "pictures of any size, or folders of them",
      schema: list(text("a picture"), "pictures"),
      many: true,
    },
  },
  options: { model: shared.model, output, decode, device: shared.device, force: shared.force },
  async run(context, values) {
    const { images, decode, force } = values;
    if (images.length > 0 === (decode !== undefined)) {
      const got = decode === undefined ? "nothing" : "both";
      const problem = `tokenize: expected either pictures or --decode, got ${got}`;
      throw new UsageError([problem], "ordo tokenize --help");
    }
    const files = await pictureFiles(images);
    return withTokenizer(values, context.terminal, async (tokenizer) => {
      if (decode !== undefined) {
        const tokens = await readTokens(decode, tokenizer);
        const output = values.output ?? ".";
        const names = tokens.pictures.map(({ file }) => stemOf(file));
        const paths = await namedOutputs({ output, names, force });
        await writeDecoded(context, tokenizer, tokens.pictures, paths, decode);
        return { data: { model: tokenizer.name, files: paths }, text: paths.join("\n") };
      }
      const tokens = await tokensOf(context, tokenizer, files);
      if (values.output === undefined) return { data: tokens, text: compactJson(tokens) };
      const path = force ? values.output : freePath(values.output);
      const { writeWhole } = await import("../../images/index.ts");
      await writeWhole(path, `${compactJson(tokens)}\n`);
      const data = { model: tokenizer.name, file: path, pictures: files.length };
      return { data, text: path };
    });
  },
});

async function readTokens(path: string, tokenizer: PictureTokenizer): Promise<TokenFile> {
  const { readJson } = await import("../../checkpoints/json-file.ts");
  const { requireTokenizer, tokenFileSchema } = await import("../../systems/token-file.ts");
  const hint = "`ordo tokenize IMAGE -o tokens.json` writes such files.";
  const file = await readJson(path, tokenFileSchema, { hint });
  await requireTokenizer(file, tokenizer, path);
  return file;
}

async function tokensOf(
  { terminal, signal }: CommandContext,
  tokenizer: PictureTokenizer,
  files: readonly string[],
): Promise<TokenFile> {
  const { basename } = await import("node:path");
  const { readPicture } = await import("../../images/index.ts");
  const { tokenFile } = await import("../../systems/token-file.ts");
  const bar = terminal.progress({ label: "tokenizing", total: files.length, unit: "pictures" });
  const pictures: TokenizedPicture[] = [];
  try {
    for (const [i, file] of files.entries()) {
      signal.throwIfAborted();
      const { ids } = await tokenizer.tokenize(await readPicture(file, { size: tokenizer.size }));
      pictures.push({ file: basename(file), ids: ids.map((map) => Array.from(map)) });
      bar.update(i + 1);
    }
  } finally {
    bar.stop();
  }
  return tokenFile(tokenizer, pictures);
}

async function writeDecoded(
  { terminal, signal }: CommandContext,
  tokenizer: PictureTokenizer,
  pictures: readonly TokenizedPicture[],
  paths: readonly string[],
  where: string,
): Promise<void> {
  const { writePicture } = await import("../../images/index.ts");
  const bar = terminal.progress({ label: "decoding", total: paths.length, unit: "pictures" });
  try {
    for (const [i, { file, ids }] of pictures.entries()) {
      signal.throwIfAborted();
      await writePicture(await tokenizer.decode(ids, `${where}: ${file}`), paths[i]!);
      bar.update(i + 1);
    }
  } finally {
    bar.stop();
  }
}

/** A line per map: short, and still readable. */
function compactJson({ pictures, ...head }: TokenFile): string {
  const items = pictures.map(({ file, ids }) => {
    const maps = ids.map((map) => `        ${JSON.stringify(map)}`).join(",\n");
    return `    {\n      "file": ${JSON.stringify(file)},\n      "ids": [\n${maps}\n      ]\n    }`;
  });
  const lines = Object.entries(head).map(([key, value]) => `  "${key}": ${JSON.stringify(value)},`);
  return `{\n${lines.join("\n")}\n  "pictures": [\n${items.join(",\n")}\n  ]\n}`;
}
