/** Tesseract as a reader of Latin text, from the files of its packages alone. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import type { Picture } from "../images/picture.ts";

/** Reads what a picture shows, without being told where. */
export interface TextReader {
  /** With its version, for reports. */
  readonly name: string;
  read(picture: Picture): Promise<string>;
  close(): Promise<void>;
}

/** VTBench brings every picture to this size before it is read. */
const readingSide = 1024;

/**
 * Opens Tesseract; null where its packages, which are optional, are not installed.
 *
 * The engine's worker, its core and the language data are found beside each other in the packages,
 * and nothing is fetched or cached elsewhere.
 */
export async function openTesseract(): Promise<TextReader | null> {
  const require = createRequire(import.meta.url);
  const found = findPackages(require);
  if (!found) return null;
  const { createWorker, OEM } = (await import("tesseract.js")).default;
  const worker = await createWorker("eng", OEM.LSTM_ONLY, {
    langPath: found.data,
    workerPath: found.worker,
    cacheMethod: "none",
    gzip: true,
  });
  return {
    name: `tesseract.js ${found.version}`,
    read: async (picture) => {
      const { data } = await worker.recognize(await enlarged(picture));
      return data.text;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

interface Packages {
  readonly data: string;
  readonly worker: string;
  readonly version: string;
}

function findPackages(require: NodeJS.Require): Packages | null {
  try {
    const engine = require.resolve("tesseract.js/package.json");
    const { version } = require(engine) as { version: string };
    return {
      data: join(dirname(require.resolve("@tesseract.js-data/eng/package.json")), "4.0.0_best_int"),
      worker: join(dirname(engine), "src", "worker-script", "node", "index.js"),
      version,
    };
  } catch {
    return null;
  }
}

/** Its longer side brought to 1024 pixels, as PNG. */
async function enlarged({ width, height, data }: Picture): Promise<Buffer> {
  const factor = Math.max(1, readingSide / Math.max(width, height));
  return (
    sharp(data, { raw: { width, height, channels: 3 } })
      .resize({
        width: Math.round(width * factor),
        height: Math.round(height * factor),
        fit: "fill",
      })
      // without a density Tesseract guesses one and says so on stderr
      .withMetadata({ density: 150 })
      .png({ compressionLevel: 1 })
      .toBuffer()
  );
}
