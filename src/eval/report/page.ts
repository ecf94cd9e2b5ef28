/** What all reports have in common: head, table of numbers, settings. */
import { figure, intervalWords, type Metric, valueWords } from "../metric.ts";
import type { EvalResult, Setting } from "../result.ts";
import { type Html, type HtmlContent, html, trusted } from "./html.ts";
import { reportStyle } from "./style.ts";

export interface PageOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly sections: readonly HtmlContent[];
}

/** A whole page that asks the network for nothing. */
export function page(result: EvalResult, { title, subtitle, sections }: PageOptions): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<main>
<header><h1>${title}</h1><p class="soft">${subtitle}</p></header>
${warnings(result.warnings)}
${metricTable(result.metrics)}
${sections}
${settingsSection(result)}
</main>
</body>
</html>
`;
  return body.markup;
}

export function section(title: string, words: string, content: HtmlContent): Html {
  return html`<section><h2>${title}</h2><p class="soft small">${words}</p>${content}</section>`;
}

function warnings(lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`<ul class="warnings">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function metricTable(metrics: readonly Metric[]): Html {
  const head = html`<thead><tr><th>metric</th><th class="number">value</th><th class="number">95 % interval</th><th class="number">reference floor</th><th class="number">N</th></tr></thead>`;
  return section(
    "Numbers",
    "Numbers of other networks, other counts or other reference pictures mean something else.",
    html`<table>${head}<tbody>${metrics.map(metricRow)}</tbody></table>`,
  );
}

function metricRow(metric: Metric): Html {
  const { name, better, floor, count, referenceCount, note, interval } = metric;
  const direction = better === "neither" ? "" : `${better} is better`;
  const notes = [direction, note, interval?.method, floor && `floor: ${floor.words}`];
  const counts = referenceCount === undefined ? `${count}` : `${count} / ${referenceCount}`;
  return html`<tr><td class="name">${name}<div class="note">${notes.filter(Boolean).join("; ")}</div></td><td class="number value" data-label="value">${valueWords(metric)}</td><td class="number" data-label="95 % interval">${intervalWords(metric)}</td><td class="number" data-label="reference floor">${floor ? figure(floor.value) : ""}</td><td class="number" data-label="N">${counts}</td></tr>`;
}

function settingsSection({ settings, network, subject, reference }: EvalResult): Html {
  const rows: readonly (readonly [name: string, value: Setting])[] = [
    ...Object.entries(settings),
    ["measured", subject.name],
    ["its pictures", subject.decoding],
    ["its hash", subject.fingerprint],
    ["reference", reference.name],
    ["its pictures", reference.decoding],
    ["its hash", reference.fingerprint],
    ["network", network.name],
    ["network input", network.preprocessing],
    ["features, classes", `${network.width}, ${network.classes}`],
  ];
  const items = rows.map(([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`);
  return section("Settings", "All that shaped a number.", html`<dl>${items}</dl>`);
}
