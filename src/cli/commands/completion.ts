import { type Command, defineCommand } from "../command.ts";
import { bashScript, fishScript, zshScript } from "../completion-scripts.ts";
import { choice } from "../schemas.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
const shells = ["bash", "zsh", "fish"] as const;

/** Shell completion, made from the declarations of all commands. */
export const completion: Command = defineCommand({
  name: "completion",
  summary: "Prints a script that completes commands, flags and model names in your shell.",
  examples: [
    "ordo completion bash >> ~/.bashrc",
    "ordo completion zsh > ~/.zfunc/_ordo",
    "ordo completion fish > ~/.config/fish/completions/ordo.fish",
  ],
  arguments: {
    shell: {
      summary: shells.join(", "),
      schema: choice(shells),
      suggest: () => shells,
    },
  },
  options: {},
  async run({ commands }, { shell }) {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    const script = scripts[shell](all);
    return { data: { shell, script }, text: script };
  },
});
