/** The report of pictures against the prompts of scenes. */
import { type PromptTag, promptTags } from "../../metrics/geneval.ts";
import type { ShownPicture } from "../gallery.ts";
import type { EvalResult } from "../result.ts";
import type { JudgedScene } from "../scene-eval.ts";
import { type Html, html } from "./html.ts";
import { page, section } from "./page.ts";
import { figure } from "./picture-data.ts";

export interface ShownScene extends Pick<ShownPicture, "picture"> {
  readonly scene: JudgedScene;
}

export interface SceneReport {
  readonly result: EvalResult;
  readonly shown: readonly ShownScene[];
}

const titles: Readonly<Record<PromptTag, string>> = {
  single_object: "One object",
  two_object: "Two objects",
  counting: "Counting",
  colors: "Colours",
  position: "Position",
  color_attr: "Colours of two objects",
};

/** A page of its own, pictures included. */
export async function sceneReport({ result, shown }: SceneReport): Promise<string> {
  const { subject, network } = result;
  const sections = promptTags.map(async (tag) => {
    const own = shown.filter(({ scene }) => scene.spec.tag === tag);
    if (own.length === 0) return null;
    const words = `${own.length} pictures chosen by the seed: outlined in green where the prompt is shown, in red with the reason where it is not.`;
    return section(titles[tag], words, await grid(own));
  });
  return page(result, {
    title: `${subject.name} on prompted scenes`,
    subtitle: `${subject.count} pictures, judged by ${network.name}.`,
    sections: await Promise.all(sections),
  });
}

async function grid(shown: readonly ShownScene[]): Promise<Html> {
  const figures = shown.map(({ picture, scene: { spec, right, reasons } }) =>
    figure(picture, [spec.prompt, ...reasons].join("; "), right ? "right" : "wrong"),
  );
  return html`<div class="grid scenes">${await Promise.all(figures)}</div>`;
}
