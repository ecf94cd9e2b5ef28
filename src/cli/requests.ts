/** From the words and classes on a command line to requests that a model can express. */

import { nearNames } from "../checkpoints/near-names.ts";
import type { Request } from "../conditioning/conditioning.ts";
import type { Model } from "../systems/model.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What was asked for: words, or a class by its name or number. */
export type Asked =
  | { readonly kind: "prompt"; readonly text: string }
  | { readonly kind: "class"; readonly text: string };

/** @throws UsageError if the model draws from something else. */
export function requestOf(model: Model, asked: Asked): Request {
  const { accepts } = model.composition.conditioning;
  const { name, classNames = [] } = model.facts;
  if (accepts.kind === "words") {
    if (asked.kind === "prompt") return asked.text;
    const problem = `--class: ${name} draws from words, got class ${JSON.stringify(asked.text)}`;
    throw new UsageError([problem], "Say what to draw in words instead.");
  }
  if (accepts.kind === "features") {
    throw new UsageError(
      [`${name} draws from the features of a text encoder, got ${JSON.stringify(asked.text)}`],
      "Ordo has no text encoder yet; draw with such a model from code.",
    );
  }
  const named = classNames.findIndex((known) => known.toLowerCase() === asked.text.toLowerCase());
  if (named >= 0) return named;
  const label = asked.kind === "class" && /^\d+$/.test(asked.text) ? Number(asked.text) : -1;
  if (label >= 0 && label < accepts.count) return label;
  const what = asked.kind === "class" ? "--class" : "prompt";
  const range = `a class from 0 to ${accepts.count - 1}${classNames.length > 0 ? " or its name" : ""}`;
  const near = nearNames(asked.text, classNames).slice(0, 3);
  throw new UsageError(
    [`${what}: ${name} draws ${range}, got ${JSON.stringify(asked.text)}`],
    near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `Choose one with --class.`,
  );
}

/** One line for all words that the model has not learned, with the learned ones near them. */
export function warnOfUnknown(
  model: Model,
  requests: readonly Request[],
  terminal: Terminal,
): void {
  const unknown = [...new Set(requests.flatMap((request) => model.unknownWords(request)))];
  if (unknown.length === 0) return;
  const { accepts } = model.composition.conditioning;
  const known = accepts.kind === "words" ? accepts.known : [];
  const guesses = unknown.map((word) => {
    const near = nearNames(word, known).slice(0, 2);
    return near.length > 0 ? `${word} (near: ${near.join(", ")})` : word;
  });
  terminal.warn(
    `${model.facts.name} has not learned ${guesses.join(", ")}: guessed from its parts`,
  );
}
