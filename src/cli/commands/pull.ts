import type { PullEvent, Pulled } from "../../hub/pull.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Progress } from "../progress.ts";
import { flag, text } from "../schemas.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

/** Brings models from the hub into the cache that its other tools use. */
export const pull: Command = defineCommand({
  name: "pull",
  summary: "Fetches a model from the hub into the shared cache; continues what was interrupted.",
  examples: [
    "ordo pull hf:owner/name",
    "ordo pull hf:FoundationVision/var/var_d16.pth",
    "ordo pull hf:owner/name@v1.0 --dry-run",
  ],
  arguments: {
    reference: {
      summary: "hf:owner/name, with /file or /folder for a part of it, and @revision",
      schema: text("hf:owner/name, hf:owner/name/file or either with @revision"),
    },
  },
  options: {
    dryRun: {
      flags: "--dry-run",
      summary: "list the files, their sizes and what is there; fetch nothing",
      schema: flag(),
    },
  },
  async run({ terminal, signal, env }, { reference: name, dryRun }) {
    const hub = await import("../../hub/index.ts");
    const reference = hub.parseHubReference(name);
    const settings = hub.hubSettings(env);
    const shown = show(terminal, hub, { isFetching: !dryRun });
    const pulled = await hub
      .pull(reference, { settings, signal, dryRun, onEvent: shown.event })
      .catch((error: unknown) => {
        shown.stop();
        if (signal.aborted) terminal.note("what was fetched is kept: the same command continues");
        throw error;
      });
    shown.stop();
    const { commit, path, files, fetched } = pulled;
    if (!dryRun && files.some((file) => file.path === "config.json")) {
      terminal.note(`use it with -m ${name}`);
    }
    return {
      data: { reference: hub.formatHubReference(reference), commit, path, dryRun, fetched, files },
      text: dryRun ? listing(pulled, hub) : path,
    };
  },
});

type Hub = typeof import("../../hub/index.ts");

interface Shown {
  event(event: PullEvent): void;
  stop(): void;
}

/** One bar over all files, in a unit that keeps its numbers short. */
function show(terminal: Terminal, hub: Hub, { isFetching }: { isFetching: boolean }): Shown {
  let bar: Progress | undefined;
  let unit = 1;
  return {
    event: (event) => {
      if (event.kind === "note") terminal.note(event.line);
      else if (event.kind === "progress") bar?.update(Math.floor(event.bytes / unit), event.path);
      else {
        const { files, bytes, present } = event;
        const what = `${files} ${files === 1 ? "file" : "files"}, ${hub.byteWords(bytes)}`;
        const there = present > 0 ? `, of these ${hub.byteWords(present)} are there` : "";
        terminal.note(`${what}${there}`);
        if (!isFetching || present === bytes) return;
        // of gigabytes, a bar of megabytes moves
        const { name, bytes: size } = hub.byteUnit(Math.min(bytes, 1e9 - 1));
        unit = size;
        const from = Math.floor(present / size);
        bar = terminal.progress({
          label: "fetching",
          total: Math.floor(bytes / size),
          from,
          unit: name,
        });
      }
    },
    stop: () => bar?.stop(),
  };
}

function listing({ files, fetched }: Pulled, { byteWords }: Hub): string {
  const rows = files.map(({ path, bytes, before }) => [path, byteWords(bytes), before]);
  const rest = fetched > 0 ? `${byteWords(fetched)} to fetch` : "all of it is in the cache";
  return `${table(["file", "size", "state"], rows)}\n${rest}`;
}
