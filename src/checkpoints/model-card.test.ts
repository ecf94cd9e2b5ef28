import { describe, expect, it } from "vitest";
import { modelCard } from "./model-card.ts";

describe("a model card", () => {
  it("has the fields the hub reads and the facts people read", () => {
    const card = modelCard({
      name: "emoji-var",
      summary: "Draws emoji from words.",
      config: {
        format: 1,
        system: "var",
        parts: {},
        training: { data: ["noto-emoji"], licence: "Apache-2.0", steps: 12000, hours: 3.5 },
        sampling: { guidance: 2, topK: 900 },
      },
      license: "apache-2.0",
      pipelineTag: "text-to-image",
      parameters: 11_800_000,
      usage: ['npx ordo generate "red apple"'],
      datasets: ["noto-emoji"],
      results: [{ metric: "PSNR", value: 24.1, unit: "dB", dataset: "100 held-out emoji" }],
      limits: ["64x64 pixels only."],
      attribution: "Noto Emoji, Google, Apache-2.0.",
      picture: "samples.png",
    });
    expect(card).toMatchInlineSnapshot(`
      "---
      license: "apache-2.0"
      library_name: "ordo"
      pipeline_tag: "text-to-image"
      tags: ["var"]
      datasets: ["noto-emoji"]
      model-index: [{"name":"emoji-var","results":[{"task":{"type":"text-to-image"},"dataset":{"name":"100 held-out emoji","type":"custom"},"metrics":[{"type":"PSNR","value":24.1}]}]}]
      ---

      # emoji-var

      Draws emoji from words.

      ![Samples](samples.png)

      ## Use

      \`\`\`sh
      npx ordo generate "red apple"
      \`\`\`

      ## Facts

      |  |  |
      | --- | --- |
      | system | var |
      | parameters | 11,800,000 |
      | licence of the weights | apache-2.0 |
      | training data | noto-emoji |
      | licence of the data | Apache-2.0 |
      | steps | 12,000 |
      | hours | 3.5 |
      | sampling defaults | guidance 2, topK 900 |

      ## Results

      | metric | value | measured on |
      | --- | --- | --- |
      | PSNR | 24.1 dB | 100 held-out emoji |

      ## Limits

      - 64x64 pixels only.

      ## Attribution

      Noto Emoji, Google, Apache-2.0.
      "
    `);
  });

  it("keeps texts texts in its front matter and leaves out what it does not know", () => {
    const card = modelCard({
      name: "x",
      summary: "y",
      config: { format: 1, system: "var", parts: {} },
      license: "no: really",
      pipelineTag: "unconditional-image-generation",
      parameters: 1,
      usage: ["a"],
    });
    expect(card).toContain('license: "no: really"\n');
    expect(card).not.toMatch(/undefined|Results|Limits|datasets|model-index/);
  });
});
