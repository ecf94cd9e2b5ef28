"""Takes turns with Ordo's benchmark: one step for each line on stdin, one line on stdout after it."""

import os
import sys

import torch

# Debian's build starts with one; its products are fast only where libopenblas0 is installed too
torch.set_num_threads(os.cpu_count())


def take_turns(model, loss_of):
    """AdamW with clipping by global norm, as src/bench/training-workload.ts has it."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.05
    )

    def step():
        loss = loss_of(model)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    parameters = sum(p.numel() for p in model.parameters())
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {parameters} parameters")
    sys.stdout.flush()
    for _ in sys.stdin:
        print(step())
        sys.stdout.flush()
