/** The benchmark's tasks, and the sets of pictures of each. */
import type { Picture } from "../images/picture.ts";
import { abstractPage } from "../procedural/abstracts.ts";
import { devanagari } from "../procedural/devanagari.ts";
import { han } from "../procedural/han.ts";
import { hangul } from "../procedural/hangul.ts";
import { kana } from "../procedural/kana.ts";
import { landscape, variedSize } from "../procedural/landscapes.ts";
import { type Grating, gratingPicture, patternPicture } from "../procedural/patterns.ts";
import { poster } from "../procedural/posters.ts";
import type { Script } from "../procedural/script.ts";
import { scriptPage } from "../procedural/script-pages.ts";
import type { TextPicture } from "../procedural/text-picture.ts";
import type { Task } from "./task.ts";

/** A picture and what is known of it. */
export interface Sample {
  readonly picture: Picture;
  readonly text?: TextPicture;
  readonly grating?: Grating;
}

export interface Split {
  readonly name: string;
  readonly task: Task;
  /** What it shows, for reports. */
  readonly about: string;
  readonly count: number;
  /** Whether an OCR engine for Latin can read it, and words make sense. */
  readonly latin: boolean;
  sample(index: number): Sample | Promise<Sample>;
}

/** The made pictures of some tasks; `quick` takes a few of each, and none of the largest. */
export function splitsOf(chosen: readonly Task[], seed: number, quick: boolean): Split[] {
  return all(seed)
    .filter(({ task }) => chosen.includes(task))
    .map(({ counts: [whole, few], ...split }) => ({ ...split, count: quick ? few : whole }))
    .filter(({ count }) => count > 0);
}

type Declared = Omit<Split, "count"> & { readonly counts: readonly [whole: number, few: number] };

function all(seed: number): Declared[] {
  return [
    {
      name: "scenes",
      task: "reconstruction",
      about: "varied scenes, 512x512",
      counts: [6, 1],
      latin: false,
      sample: (index) => ({ picture: landscape(seed, index) }),
    },
    {
      name: "sizes",
      task: "reconstruction",
      about: "the same at sides of 192 to 1024 and up to 3:1",
      counts: [4, 0],
      latin: false,
      sample: (index) => {
        const { width, height } = variedSize(seed, index);
        return { picture: landscape(seed, 1000 + index, width, height) };
      },
    },
    {
      name: "patterns",
      task: "detail",
      about: "test patterns, textures and wires, 256x256",
      counts: [20, 3],
      latin: false,
      sample: (index) => ({ picture: patternPicture(seed, index) }),
    },
    {
      name: "gratings",
      task: "detail",
      about: "sine gratings of 2 to 16 pixels, 128x128",
      counts: [14, 7],
      latin: false,
      sample: (index) => {
        const grating = gratingPicture(seed, index);
        return { picture: grating.picture, grating };
      },
    },
    {
      name: "posters",
      task: "text",
      about: "1 to 8 words of 24 to 120 pixels, turned, on textures, 512x512",
      counts: [8, 1],
      latin: true,
      sample: (index) => written(poster(seed, index)),
    },
    {
      name: "abstracts",
      task: "text",
      about: "120 to 200 words of 10 to 16 pixels, justified, 512 wide",
      counts: [4, 1],
      latin: true,
      sample: (index) => written(abstractPage(seed, index)),
    },
    ...[hangul, kana, han, devanagari].map((script) => scriptSplit(script, seed)),
  ];
}

function scriptSplit(script: Script, seed: number): Declared {
  return {
    name: script.name,
    task: "text",
    about: `signs in the manner of ${script.name}, 20 to 40 pixels, 256x256`,
    counts: [4, 1],
    latin: false,
    sample: (index) => written(scriptPage(script, seed, index)),
  };
}

function written(text: TextPicture): Sample {
  return { picture: text.picture, text };
}
