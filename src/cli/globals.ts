/** Flags that every command takes, before or after its name. */
export interface Globals {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

const flags: readonly {
  readonly names: readonly string[];
  readonly key: keyof Globals;
  readonly summary: string;
}[] = [
  { names: ["--json"], key: "json", summary: "one machine-readable object on stdout" },
  { names: ["-q", "--quiet"], key: "quiet", summary: "no progress, no notes" },
  { names: ["-v", "--verbose"], key: "verbose", summary: "details, and the stack of an error" },
  { names: ["--no-color"], key: "color", summary: "plain text" },
  { names: ["--version"], key: "version", summary: "print the version" },
  { names: ["-h", "--help"], key: "help", summary: "print this help" },
];

/** All global flags as help shows them, with their summaries. */
export const globalFlags: readonly { readonly flags: string; readonly summary: string }[] =
  flags.map(({ names, summary }) => ({ flags: names.join(", "), summary }));

/** Every spelling of every global flag. */
export const globalNames: readonly string[] = flags.flatMap(({ names }) => names);

/** Takes the global flags out of the words; nothing after `--` is a flag. */
export function takeGlobals(words: readonly string[]): { globals: Globals; rest: string[] } {
  const end = words.indexOf("--");
  const found = new Set<keyof Globals>();
  const rest = words.filter((word, i) => {
    if (end >= 0 && i >= end) return true;
    const flag = flags.find(({ names }) => names.includes(word));
    if (flag) found.add(flag.key);
    return !flag;
  });
  const has = (key: keyof Globals): boolean => found.has(key);
  return {
    globals: {
      json: has("json"),
      quiet: has("quiet"),
      verbose: has("verbose"),
      color: !has("color"),
      version: has("version"),
      help: has("help"),
    },
    rest,
  };
}
