/** The README of a model folder: front matter that the hub reads, and facts that people read. */

import type { Json, ModelConfig } from "./model-config.ts";

export interface ModelResult {
  /** `PSNR`, `codebook usage`. */
  readonly metric: string;
  readonly value: number;
  readonly unit?: string;
  /** Data and number of samples that it was measured on. */
  readonly dataset: string;
}

export interface ModelCardFacts {
  readonly name: string;
  /** One or two sentences: what the model draws. */
  readonly summary: string;
  readonly config: ModelConfig;
  /** Identifier of the weights' licence as the hub lists them: `apache-2.0`. */
  readonly license: string;
  readonly pipelineTag:
    | "unconditional-image-generation"
    | "text-to-image"
    | "image-to-image"
    | "image-classification";
  readonly parameters: number;
  /** Commands that a reader can paste. */
  readonly usage: readonly string[];
  readonly tags?: readonly string[];
  readonly datasets?: readonly string[];
  readonly baseModel?: string;
  readonly results?: readonly ModelResult[];
  /** Whom the data's licence asks to name. */
  readonly attribution?: string;
  /** What the model cannot do. */
  readonly limits?: readonly string[];
  /** A file of the folder to show: `samples.png`. */
  readonly picture?: string;
}

/** The Markdown of a model card. The same facts give the same text. */
export function modelCard(facts: ModelCardFacts): string {
  const { name, summary, picture, usage, limits = [], attribution } = facts;
  const sections = [
    `---\n${frontMatter(facts)}\n---`,
    `# ${name}`,
    summary,
    picture && `![Samples](${picture})`,
    section("Use", `\`\`\`sh\n${usage.join("\n")}\n\`\`\``),
    section("Facts", table(["", ""], modelFacts(facts))),
    section("Results", resultTable(facts.results ?? [])),
    section("Limits", limits.map((limit) => `- ${limit}`).join("\n")),
    section("Attribution", attribution ?? ""),
  ];
  return `${sections.filter((text) => text).join("\n\n")}\n`;
}

function frontMatter(facts: ModelCardFacts): string {
  const { results = [] } = facts;
  const fields: [string, Json | undefined][] = [
    ["license", facts.license],
    ["library_name", "ordo"],
    ["pipeline_tag", facts.pipelineTag],
    ["tags", [facts.config.system, ...(facts.tags ?? [])]],
    ["datasets", facts.datasets && [...facts.datasets]],
    ["base_model", facts.baseModel],
    ["model-index", results.length > 0 ? [modelIndex(facts)] : undefined],
  ];
  // JSON is YAML: whatever the texts hold, they stay texts
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join("\n");
}

function modelIndex({ name, pipelineTag, results = [] }: ModelCardFacts): Json {
  return {
    name,
    results: results.map(({ metric, value, dataset }) => ({
      task: { type: pipelineTag },
      dataset: { name: dataset, type: "custom" },
      metrics: [{ type: metric, value }],
    })),
  };
}

function modelFacts({ config, parameters, license }: ModelCardFacts): string[][] {
  const { system, preset, training = {}, sampling = {} } = config;
  const settings = Object.entries(sampling).map(([key, value]) => `${key} ${value}`);
  const rows: [string, string | number | undefined][] = [
    ["system", preset ? `${system}, preset ${preset}` : system],
    ["parameters", parameters.toLocaleString("en")],
    ["licence of the weights", license],
    ["training data", training.data?.join(", ")],
    ["licence of the data", training.licence],
    ["steps", training.steps?.toLocaleString("en")],
    ["hours", training.hours],
    ["hardware", training.hardware],
    ["sampling defaults", settings.join(", ") || undefined],
  ];
  return rows.flatMap(([key, value]) => (value === undefined ? [] : [[key, `${value}`]]));
}

function resultTable(results: readonly ModelResult[]): string {
  if (results.length === 0) return "";
  const rows = results.map(({ metric, value, unit, dataset }) => [
    metric,
    unit ? `${value} ${unit}` : `${value}`,
    dataset,
  ]);
  return table(["metric", "value", "measured on"], rows);
}

function section(title: string, body: string): string {
  return body && `## ${title}\n\n${body}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
