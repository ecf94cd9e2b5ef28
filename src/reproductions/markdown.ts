/** The text of docs/reproductions.md. */
import type { ClaimMeasureRecord, ClaimRecord } from "../catalogue/claim-record.ts";

export function reproductionsMarkdown(records: readonly ClaimRecord[]): string {
  return `# Reproductions

Made by \`npm run docs:reproductions\` from \`reproductions/results\`; do not edit.

Each paper's claim as a small experiment: a baseline and the system, alike but for one decision,
trained and measured by \`ordo reproduce SYSTEM\`. *Effect* is the ratio or the difference of the
system to the baseline, with its 95 % interval over the seeds. A claim counts as *shown* only if the
whole interval of each measure lies on the side that the paper claims.

| system | claim | verdict |
|---|---|---|
${records.map(({ system, claim, verdict }) => `| [${system}](#${system}) | ${claim} | ${words[verdict]} |`).join("\n")}

${records.map(section).join("\n")}`;
}

const words: Readonly<Record<ClaimRecord["verdict"], string>> = {
  shown: "**shown**",
  "not-shown": "not shown",
  opposite: "the opposite",
};

function section(record: ClaimRecord): string {
  const { system, claim, source, baseline, setting, measures } = record;
  return `## ${system}

${claim} (${source})

| measure | ${baseline} | ${system} | effect | claimed | verdict |
|---|---|---|---|---|---|
${measures.map(row).join("\n")}

![${system}](media/reproduction-${system}.png)

Setting: ${Object.entries(setting)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ")}. ${facts(record)}
`;
}

function facts({ seeds, minutes, hardware, ordo, commit }: ClaimRecord): string {
  const code = `Ordo ${ordo}${commit === null ? "" : ` at ${commit}`}`;
  return `Seeds ${seeds.join(", ")}; ${minutes} minutes on ${hardware}; ${code}.`;
}

function row({ name, unit, claimed, baseline, measured, effect, verdict }: ClaimMeasureRecord) {
  const values = (list: readonly number[]) => list.map(short).join(", ");
  const cells = [
    unit ? `${name}, ${unit}` : name,
    values(baseline),
    values(measured),
    effectText(effect),
    claimed,
    words[verdict],
  ];
  return `| ${cells.join(" | ")} |`;
}

/** `× 0.21 (0.2 to 0.22)` */
export function effectText({ kind, value, low, high }: ClaimMeasureRecord["effect"]): string {
  const sign = kind === "ratio" ? "× " : value > 0 ? "+" : "";
  const interval = low === null || high === null ? "one seed" : `${short(low)} to ${short(high)}`;
  return `${sign}${short(value)} (${interval})`;
}

/** Three digits: seeds differ in the second. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
