import type { Picture } from "../../images/picture.ts";
import type { PictureTokenizer } from "../../systems/picture-tokenizer.ts";
import { type Command, type CommandContext, defineCommand, type Option } from "../command.ts";
import { freePath, namedOutputs } from "../named-outputs.ts";
import * as shared from "../options.ts";
import { pictureFiles, stemOf } from "../picture-files.ts";
import { list, text } from "../schemas.ts";
import { type Cell, table } from "../table.ts";
import { withTokenizer } from "../with-model.ts";

const output: Option<string | undefined> = {
  flags: "-o, --output <path>",
  summary: "write the reconstructions: a folder, or a file for one picture",
  schema: text("a folder or a file").optional(),
};

const grid: Option<string | undefined> = {
  flags: "--grid <file>",
  summary: "write one sheet: each picture beside its reconstruction",
  schema: text("a file").optional(),
};

interface Reconstructed {
  readonly file: string;
  /** dB; null if the pictures are equal. */
  readonly psnr: number | null;
  readonly output?: string;
}

/** What a tokenizer keeps of pictures. */
export const reconstruct: Command = defineCommand({
  name: "reconstruct",
  summary: "Sends pictures through a tokenizer and back, and measures the loss.",
  examples: [
    "ordo reconstruct photo.png -o out/",
    "ordo reconstruct pictures/ --grid sheet.png",
    "ordo reconstruct photo.png -m runs/my-tokenizer/model --json",
  ],
  arguments: {
    images: {
      summary: "pictures of any size, or folders of them",
      schema: list(text("a picture"), "pictures", 1),
      many: true,
    },
  },
  options: { model: shared.model, output, grid, device: shared.device, force: shared.force },
  async run(context, values) {
    const { terminal } = context;
    const files = await pictureFiles(values.images);
    return withTokenizer(values, terminal, async (tokenizer) => {
      const outputs = values.output
        ? await namedOutputs({
            output: values.output,
            names: files.map((file) => `${stemOf(file)}-reconstructed`),
            force: values.force,
          })
        : undefined;
      const { rows, pairs } = await reconstructAll(context, tokenizer, {
        files,
        outputs,
        keep: values.grid !== undefined,
      });
      const sheet = values.grid && (await writeSheet(pairs, values.grid, values.force));
      const mean = meanOf(rows.map(({ psnr }) => psnr ?? Number.POSITIVE_INFINITY));
      return {
        data: {
          model: tokenizer.name,
          size: tokenizer.size,
          pictures: rows,
          meanPsnr: Number.isFinite(mean) ? mean : null,
          ...(sheet && { grid: sheet }),
        },
        text: inWords(rows, mean, sheet),
      };
    });
  },
});

interface Task {
  readonly files: readonly string[];
  readonly outputs: readonly string[] | undefined;
  /** Whether the pictures are needed afterwards. */
  readonly keep: boolean;
}

async function reconstructAll(
  { terminal, signal }: CommandContext,
  tokenizer: PictureTokenizer,
  { files, outputs, keep }: Task,
): Promise<{ rows: Reconstructed[]; pairs: Picture[] }> {
  const { readPicture, writePicture } = await import("../../images/index.ts");
  const { psnr } = await import("../../metrics/psnr.ts");
  const progress = terminal.progress({
    label: "reconstructing",
    total: files.length,
    unit: "pictures",
  });
  const rows: Reconstructed[] = [];
  const pairs: Picture[] = [];
  try {
    for (const [i, file] of files.entries()) {
      signal.throwIfAborted();
      const original = await readPicture(file, { size: tokenizer.size });
      const { picture } = await tokenizer.tokenize(original);
      const output = outputs?.[i];
      if (output) await writePicture(picture, output);
      if (keep) pairs.push(original, picture);
      const found = psnr(original, picture);
      rows.push({
        file,
        psnr: Number.isFinite(found) ? found : null,
        ...(output && { output }),
      });
      progress.update(i + 1);
    }
  } finally {
    progress.stop();
  }
  return { rows, pairs };
}

async function writeSheet(
  pairs: readonly Picture[],
  path: string,
  force: boolean,
): Promise<string> {
  const { grid, writePicture } = await import("../../images/index.ts");
  // twice as wide as the root asks, because two pictures belong together
  const columns = 2 * Math.ceil(Math.sqrt(pairs.length / 2));
  const free = force ? path : freePath(path);
  await writePicture(grid(pairs, { columns }), free);
  return free;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function inWords(rows: readonly Reconstructed[], mean: number, sheet?: string): string {
  const cells = rows.map(({ file, psnr, output }): Cell[] => [
    file,
    psnr === null ? "equal" : psnr.toFixed(2),
    ...(output ? [output] : []),
  ]);
  const heading = ["picture", "PSNR dB", ...(rows[0]?.output ? ["reconstruction"] : [])];
  const summary = rows.length > 1 ? [["mean", mean.toFixed(2)]] : [];
  return [table(heading, [...cells, ...summary]), ...(sheet ? [sheet] : [])].join("\n");
}
